using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Tests.Stores;

public sealed class SessionTokenTests
{
    [Theory]
    [InlineData("0:-1#42")]
    [InlineData("12:0#1234#3=1230")]
    [InlineData("0:5#9223372036854775807#1=-1#2=17#30=0")]
    [InlineData("0:-1#42,1:-1#7,2:3#5#1=4")]
    public void TryParse_of_a_token_of_the_store_succeeds(string text)
    {
        Assert.True(SessionToken.TryParse(text, out var token));
        Assert.Equal(text, token.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0:")]
    [InlineData("0:42")]
    [InlineData("0:-1")]
    [InlineData("0:-1#")]
    [InlineData("0:-2#42")]
    [InlineData("0:-1#-1")]
    [InlineData("0:-1#+42")]
    [InlineData("0:-1#42#")]
    [InlineData("0:-1#42#1")]
    [InlineData("0:-1#42#=1")]
    [InlineData("0:-1#42#1=")]
    [InlineData("0:-1#42#1=2=3")]
    [InlineData("0:-1#9223372036854775808")]
    [InlineData("a:-1#42")]
    [InlineData(":-1#42")]
    [InlineData("0:-1#42 ")]
    [InlineData(" 0:-1#42")]
    [InlineData("0:-1#42, 1:-1#7")]
    [InlineData("0:-1#42,")]
    [InlineData(",0:-1#42")]
    [InlineData("0:-1#42,0:-1#43")]
    [InlineData("0:-1#42\r\nx: y")]
    [InlineData("0:-1#４２")]
    [InlineData("0:-1#42\0")]
    [InlineData("\"0:-1#42\"")]
    public void TryParse_of_any_other_text_fails(string? text) => Assert.False(SessionToken.TryParse(text, out _));

    [Fact]
    public void TryParse_of_a_long_token_fails_above_the_maximum_length()
    {
        var text = string.Join(',', Enumerable.Range(0, 700).Select(i => $"{i}:-1#1")) + ",9999:-1#";
        var zeros = SessionToken.MaxLength - text.Length;
        Assert.True(SessionToken.TryParse(text + new string('0', zeros), out _));
        Assert.False(SessionToken.TryParse(text + new string('0', zeros + 1), out _));
    }

    [Theory]
    [InlineData("0", -1, 41, false, true)]
    [InlineData("0", -1, 42, true, true)]
    [InlineData("0", -1, 43, true, true)]
    [InlineData("0", 1, 99, false, false)]
    [InlineData("2", 7, 4, false, true)]
    [InlineData("2", 7, 5, true, true)]
    [InlineData("2", 6, 5, false, false)]
    [InlineData("2", 8, 5, false, false)]
    [InlineData("3", -1, 99, false, false)]
    public void Position_reflects_a_token_only_in_the_same_partition_and_version(string id, long version, long lsn, bool isReflected, bool isComparable)
    {
        Assert.True(SessionToken.TryParse("0:-1#42,2:7#5#1=99", out var token));
        var position = new LogPosition(new LogPartition(id, version), lsn);

        Assert.Equal((isReflected, isComparable), (token.IsReflectedBy(position), token.IsComparableWith(position)));
    }

    [Fact]
    public void Position_that_is_not_known_reflects_nothing()
    {
        Assert.True(SessionToken.TryParse("0:-1#0", out var token));

        Assert.False(token.IsReflectedBy(default) || token.IsReflectedBy(new LogPosition(null, 99)) || token.IsComparableWith(default));
    }
}
