using CsCheck;
using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Tests.Http;

public sealed class CacheDirectivesTests
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1L << 31);

    public static TheoryData<string, ReadDirectives> Cases { get; } = new()
    {
        { "", default },
        { "no-cache", new() { NoCache = true } },
        { "NO-CACHE, no-store", new() { NoCache = true, NoStore = true } },
        { "only-if-cached", new() { OnlyIfCached = true } },
        { "max-age=10", new() { MaxAge = TimeSpan.FromSeconds(10) } },
        { "max-age=\"10\"", new() { MaxAge = TimeSpan.FromSeconds(10) } },
        { "max-age = 10", new() { MaxAge = TimeSpan.FromSeconds(10) } },
        { "max-age=10, max-age=20", new() { MaxAge = TimeSpan.FromSeconds(10) } },
        { "max-age=x, max-age=20", new() { MaxAge = TimeSpan.FromSeconds(20) } },
        { "max-age=-1", default },
        { "max-age=1.5", default },
        { "max-age", default },
        { "max-age=", default },
        { "max-age=1 2", default },
        { "max-age=99999999999999999999999999", new() { MaxAge = Most } },
        { "max-stale", new() { MaxStale = TimeSpan.MaxValue } },
        { "max-stale=5", new() { MaxStale = TimeSpan.FromSeconds(5) } },
        { "max-stale=x", default },
        { "stale-if-error=60", new() { StaleIfError = TimeSpan.FromSeconds(60) } },
        { "min-fresh=2", new() { MaxAge = TimeSpan.FromSeconds(3) } },
        { "min-fresh=9", new() { MaxAge = TimeSpan.Zero } },
        { "min-fresh=2, max-age=1", new() { MaxAge = TimeSpan.FromSeconds(1) } },
        { "min-fresh=2, max-age=100", new() { MaxAge = TimeSpan.FromSeconds(3) } },
        { "unknown=\"a, no-cache, b\", max-age=1", new() { MaxAge = TimeSpan.FromSeconds(1) } },
        { "unknown=\"a\\\", no-cache", default },
        { "no-cache=\"x, y\"", new() { NoCache = true } },
        { ",, ,no-store,", new() { NoStore = true } },
        { "@!, no-store", new() { NoStore = true } },
        { "no-cache no-store", default },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_accepts_well_formed_directives_and_ignores_the_rest(string field, ReadDirectives expected)
    {
        Assert.Equal(expected, Read(field));
    }

    [Fact]
    public void Read_combines_several_lines_into_one_list()
    {
        Assert.Equal(
            new ReadDirectives { NoStore = true, MaxAge = TimeSpan.FromSeconds(1) }, Read(new StringValues(["no-store", "max-age=1", "max-age=2"])));
    }

    [Theory]
    [InlineData("no-cache", null, true)]
    [InlineData("x, No-Cache", null, true)]
    [InlineData("x", null, false)]
    [InlineData("no-cache", "max-stale", false)]
    public void Read_honors_pragma_only_without_cache_control(string pragma, string? cacheControl, bool expected)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        headers.Pragma = pragma;
        if (cacheControl is not null)
            headers.CacheControl = cacheControl;

        Assert.Equal(expected, new CacheDirectives(TimeSpan.FromSeconds(5)).Read(headers).NoCache);
    }

    [Fact]
    public void Read_of_any_text_succeeds_and_exceeds_the_staleness_bound_only_on_request()
    {
        var part = Gen.OneOf(
            Gen.OneOf("no-cache", "max-age", "max-stale", "min-fresh", "=", "\"", "\\", ",", " ", "\t", "5", "99999999999", "-1", ";"),
            Gen.String[0, 4]);
        part.Array[0, 12].Select(string.Concat).Sample(
            text =>
            {
                var read = Read(text);
                return read.MaxAge is null or { Ticks: >= 0 }
                    && (read.MaxStale is null || text.Contains("max-stale", StringComparison.OrdinalIgnoreCase));
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData("\"a\"", true)]
    [InlineData("W/\"a\"", true)]
    [InlineData("*", true)]
    [InlineData(" * ", true)]
    [InlineData("\"b\", \"a\"", true)]
    [InlineData("\"b,\",W/\"a\"", true)]
    [InlineData(", ,\"a\"", true)]
    [InlineData("\"b\"", false)]
    [InlineData("a", false)]
    [InlineData("\"a", false)]
    [InlineData("\"A\"", false)]
    [InlineData("w/\"a\"", false)]
    [InlineData("\"b\" \"a\"", false)]
    [InlineData("\"b, \"a\"", false)]
    [InlineData("", false)]
    public void If_none_match_is_compared_weakly_with_each_tag_of_the_list(string field, bool expected)
    {
        foreach (var current in (string[])["\"a\"", "W/\"a\""])
        {
            var result = Preconditions.Evaluate(new HeaderDictionary { ["If-None-Match"] = field }, current);
            Assert.Equal(expected ? Precondition.NotModified : Precondition.Passed, result);
        }
    }

    [Theory]
    [InlineData("*", true, true)]
    [InlineData("\"a\"", true, false)]
    [InlineData("W/\"a\"", false, false)]
    [InlineData("\"b\", W/\"a\", \"a\"", true, false)]
    [InlineData("\"b\"", false, false)]
    [InlineData("a", false, false)]
    [InlineData("", false, false)]
    public void If_match_is_compared_strongly_with_each_tag_of_the_list(string field, bool isPassedByStrong, bool isPassedByWeak)
    {
        var request = new HeaderDictionary { ["If-Match"] = field };

        Assert.Equal(isPassedByStrong, Preconditions.Evaluate(request, "\"a\"") == Precondition.Passed);
        Assert.Equal(isPassedByWeak, Preconditions.Evaluate(request, "W/\"a\"") == Precondition.Passed);
        Assert.Equal(field == "*", Preconditions.Evaluate(request) == Precondition.Passed);
    }

    [Fact]
    public void If_none_match_finds_the_tag_exactly_if_the_list_contains_it()
    {
        var tag = Gen.Char["abc,*W/ "].Array[0, 3].Select(chars => new string(chars));
        Gen.Select(tag.Array[0, 5], tag, Gen.Bool).Sample(
            (tags, current, isWeak) =>
                EntityTags.ContainsWeakly(string.Join(", ", tags.Select(t => (isWeak ? "W/" : "") + $"\"{t}\"")), EntityTags.Weak($"\"{current}\"")) == tags.Contains(current),
            iter: 5000);
    }

    private static ReadDirectives Read(StringValues field) =>
        new CacheDirectives(TimeSpan.FromSeconds(5)).Read(new HeaderDictionary { ["Cache-Control"] = field });
}
