using System.Text;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Users;

public sealed class UserKeyTests
{
    [Theory]
    [InlineData("u1")]
    [InlineData(" ")]
    [InlineData("a:b@c.d")]
    [InlineData("%2F")]
    [InlineData("日本 😀")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    public void TryCreate_with_a_valid_id_creates_a_key(string id)
    {
        Assert.True(UserKey.TryCreate(id, null, out var key, out var problem), problem);
        Assert.Equal(id, key.Id);
        Assert.Equal(id, key.PartitionKey);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\u0000")]
    [InlineData("\u007f")]
    [InlineData("\u0085")]
    public void TryCreate_with_an_invalid_id_reports_the_rule(string? id)
    {
        Assert.False(UserKey.TryCreate(id, null, out _, out var problem));
        Assert.Equal(UserKey.IdRule, problem);
    }

    [Fact]
    public void TryCreate_with_an_unpaired_surrogate_reports_the_rule()
    {
        foreach (var id in new[] { "a\ud800", "\udc00a", "\ud800\ud800" })
        {
            Assert.False(UserKey.TryCreate(id, null, out _, out var problem));
            Assert.Equal(UserKey.IdRule, problem);
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("日")]
    [InlineData("😀")]
    public void TryCreate_accepts_at_most_1023_bytes(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        var id = string.Concat(Enumerable.Repeat(text, 1023 / bytes)) + new string('x', 1023 % bytes);

        Assert.True(UserKey.TryCreate(id, null, out _, out _));
        Assert.False(UserKey.TryCreate(id + "x", null, out _, out var problem));
        Assert.Equal(UserKey.IdRule, problem);
    }

    [Fact]
    public void TryCreate_accepts_at_most_2048_bytes_of_partition_key()
    {
        Assert.True(UserKey.TryCreate("u", new string('é', 1024), out _, out _));
        Assert.False(UserKey.TryCreate("u", new string('é', 1025), out _, out var problem));
        Assert.Equal(UserKey.PartitionKeyRule, problem);
    }

    [Fact]
    public void Keys_that_differ_in_id_or_partition_key_are_never_equal()
    {
        UserKey[] keys =
        [
            UserKey.Create("a"), UserKey.Create("A"), UserKey.Create("a", "b"), UserKey.Create("a", "b/c"), UserKey.Create("a", ""), UserKey.Create("b", "a"),
            UserKey.Create("é"), UserKey.Create("e\u0301"), UserKey.Create("a/b"), UserKey.Create("a/b", "c"), UserKey.Create("/a", "b"), UserKey.Create("/a/b"),
            UserKey.Create("a", "/b"), UserKey.Create("a", "\0b"), UserKey.Create("a", "b\0"),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys.Length, keys.Select(key => key.CacheKey).Append(new AlternateKey("/a", "b").CacheKey).Distinct().Count() - 1);
        Assert.DoesNotContain('\0', string.Concat(keys.Take(3).Select(key => key.ToString())));
    }

    [Fact]
    public void Key_with_its_id_as_partition_key_equals_the_key_created_without_one()
    {
        Assert.Equal(UserKey.Create("a"), UserKey.Create("a", "a"));
        Assert.Equal(UserKey.Create("a").GetHashCode(), UserKey.Create("a", "a").GetHashCode());
    }

    [Fact]
    public void Default_key_throws_when_its_id_is_read()
    {
        Assert.Throws<InvalidOperationException>(() => default(UserKey).Id);
        Assert.NotEqual(UserKey.Create("a"), default);
    }
}
