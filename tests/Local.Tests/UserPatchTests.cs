using System.Text;
using Lookup.Local.Writes;

namespace Lookup.Local.Tests;

public sealed class UserPatchTests
{
    [Theory]
    [InlineData("""{"displayName":"New"}""")]
    [InlineData("""{}""")]
    [InlineData("""{"id":"u42","roles":null}""")]
    [InlineData("""{"displayName":"\ud83d\ude00"}""")]
    public void TryRead_accepts_an_object(string body)
    {
        Assert.True(UserPatch.TryRead(Encoding.UTF8.GetBytes(body), "u42", out var patch, out var problem), problem);
        Assert.NotNull(patch);
    }

    [Theory]
    [InlineData("", "line 1, byte 1")]
    [InlineData("{\"displayName\":\n\"New\"", "line 2, byte 6")]
    [InlineData("displayName=New", "line 1, byte 1")]
    [InlineData("""{"a":1}{"b":2}""", "line 1, byte 8")]
    [InlineData("""["u42"]""", "another kind of JSON value")]
    [InlineData("null", "another kind of JSON value")]
    [InlineData("""{"a":1,"a":2}""", "duplicate property names")]
    [InlineData("""{"a":{"b":1,"b":2}}""", "duplicate property names")]
    [InlineData("""{"a":"\ud83d"}""", "unpaired surrogate")]
    [InlineData("""{"\ude00":1}""", "unpaired surrogate")]
    [InlineData("""{"id":"u43"}""", "The body's id is \"u43\", but the URL specifies user \"u42\"")]
    [InlineData("""{"id":null}""", "The body's id is null")]
    [InlineData("""{"id":42}""", "The body's id is 42")]
    public void TryRead_reports_the_broken_rule(string body, string rule)
    {
        Assert.False(UserPatch.TryRead(Encoding.UTF8.GetBytes(body), "u42", out _, out var problem));
        Assert.Contains(rule, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_of_invalid_utf8_reports_the_broken_rule()
    {
        byte[] body = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.False(UserPatch.TryRead(body, "u42", out _, out var problem));
        Assert.Contains("UTF-8", problem, StringComparison.Ordinal);
    }
}
