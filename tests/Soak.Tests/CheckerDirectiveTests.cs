using Lookup.Soak.Checking;

namespace Lookup.Soak.Tests;

/// <summary>Tests with synthetic histories of responses to requests with cache directives, which tighten or relax the bound.</summary>
public sealed class CheckerDirectiveTests : SyntheticHistory
{
    [Theory]
    [InlineData("no-cache", 20.1)]
    [InlineData("max-age=0", 20.1)]
    [InlineData("max-age=1", 21.1)]
    [InlineData("min-fresh", 22.1)]
    public void Request_may_ask_for_a_stricter_bound(string text, double began)
    {
        Write(10, 20);
        var directives = text switch
        {
            "no-cache" => Directives.NoCacheOnly,
            "max-age=0" => Directives.MaxAgeZero,
            "max-age=1" => Directives.MaxAgeOne,
            _ => Directives.FreshFor(1),
        };

        See(1, began - 0.2, directives: directives);
        Assert.Empty(Violations);
        See(1, began, directives: directives);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Stale_response_is_accepted_within_the_allowed_staleness()
    {
        Write(10, 20);

        See(1, began: 24.9, directives: Directives.StaleBy(2), stale: true);
        Assert.Empty(Violations);
        See(1, began: 25.1, directives: Directives.StaleBy(2), stale: true);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Stale_response_that_the_request_did_not_allow_breaks_G1()
    {
        Write(10);

        See(1, began: 11, stale: true);

        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Stale_response_instead_of_an_error_requires_stale_if_error()
    {
        Write(10);

        See(1, began: 11, directives: Directives.StaleOnError(20), stale: true, insteadOfError: true);
        Assert.Empty(Violations);
        See(1, began: 11, directives: Directives.StaleBy(20), stale: true, insteadOfError: true);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }
}
