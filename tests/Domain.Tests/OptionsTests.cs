using Lookup.Domain.Caching;
using Lookup.Domain.Feed;

namespace Lookup.Domain.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Validate_accepts_the_defaults()
    {
        new UserCacheOptions().Validate();
        new FollowerOptions().Validate();
    }

    [Theory]
    [InlineData(nameof(UserCacheOptions.MaxStaleness), 0)]
    [InlineData(nameof(UserCacheOptions.MaxStaleness), 90_000)]
    [InlineData(nameof(UserCacheOptions.CatchUpTimeout), -1)]
    [InlineData(nameof(UserCacheOptions.CatchUpTimeout), 11)]
    [InlineData(nameof(UserCacheOptions.MaxUnseenDelete), 1)]
    [InlineData(nameof(UserCacheOptions.StaleIfError), -1)]
    [InlineData(nameof(UserCacheOptions.ReadDeadline), 0)]
    [InlineData(nameof(UserCacheOptions.ReadDeadline), 61)]
    public void Validate_of_a_duration_out_of_range_reports_the_value_and_the_range(string name, int seconds)
    {
        var value = TimeSpan.FromSeconds(seconds);
        var options = name switch
        {
            nameof(UserCacheOptions.MaxStaleness) => new UserCacheOptions { MaxStaleness = value },
            nameof(UserCacheOptions.CatchUpTimeout) => new UserCacheOptions { CatchUpTimeout = value },
            nameof(UserCacheOptions.MaxUnseenDelete) => new UserCacheOptions { MaxUnseenDelete = value },
            nameof(UserCacheOptions.StaleIfError) => new UserCacheOptions { StaleIfError = value },
            _ => new UserCacheOptions { ReadDeadline = value },
        };

        var wrong = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);

        Assert.StartsWith($"{name} is {value}; it must be at least ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_of_a_size_below_the_minimum_reports_the_range()
    {
        var wrong = Assert.Throws<ArgumentOutOfRangeException>(new UserCacheOptions { SizeBytes = 1000 }.Validate);

        Assert.StartsWith("SizeBytes is 1000; it must be at least 1048576 ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_of_an_unknown_eviction_policy_reports_the_valid_ones()
    {
        var wrong = Assert.Throws<ArgumentOutOfRangeException>(new UserCacheOptions { EvictionPolicy = (EvictionPolicy)7 }.Validate);

        Assert.StartsWith("EvictionPolicy is 7; it must be LeastRecentlyUsed or S3Fifo.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_of_the_follower_reports_the_option_that_is_out_of_range()
    {
        Assert.StartsWith("PollInterval is 00:00:00;", Throws(new FollowerOptions { PollInterval = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.StartsWith("IdleAfter is 00:00:00.5", Throws(new FollowerOptions { IdleAfter = TimeSpan.FromMilliseconds(500) }), StringComparison.Ordinal);
        Assert.StartsWith("PollDeadline is ", Throws(new FollowerOptions { PollDeadline = TimeSpan.FromHours(1) }), StringComparison.Ordinal);
    }

    private static string Throws(FollowerOptions options) => Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message;
}
