using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using static Lookup.Domain.Tests.Freshness.TwoRanges;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests that a result by alternate key is confirmed by all feed ranges together, because each of them can contain a user with that key.</summary>
public sealed class HintFreshnessTests
{
    private static readonly TimeSpan Bound = new UserCacheOptions().MaxStaleness;

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Hint_is_confirmed_only_if_all_ranges_are(string failing)
    {
        await using var instance = await FollowAsync();
        await FindAsync(instance);
        await instance.AdvanceAsync(Bound);
        Assert.Equal(1, instance.Database.Queries); // the feed confirms the hint
        await FindAsync(instance);
        Assert.Equal(1, instance.Database.Queries);

        instance.Database.BeforePollOf = (range, _) =>
            range == failing ? throw new UserStoreException(UserStoreFailure.Unavailable, "down") : Task.CompletedTask;
        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));
        await FindAsync(instance);

        Assert.Equal(2, instance.Database.Queries);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Hint_is_not_confirmed_after_a_gap_in_any_range(string lost)
    {
        await using var instance = await FollowAsync();
        await FindAsync(instance);
        var gaps = 0;
        instance.Database.BeforePollOf = (range, _) =>
            range == lost && gaps++ == 0 ? throw new FeedGapException("the continuation was lost") : Task.CompletedTask;

        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(3));
        Assert.True(instance.Freshness.IsArmed);
        await FindAsync(instance);

        Assert.Equal(2, instance.Database.Queries);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Hint_that_was_read_while_a_range_was_not_armed_is_not_confirmed(string late)
    {
        await using var instance = new Instance();
        var gate = new TaskCompletionSource();
        instance.Database.BeforePollOf = (range, _) => range == late ? gate.Task : Task.CompletedTask;
        instance.Follow();
        await instance.SettleAsync();
        await FindAsync(instance);
        gate.SetResult();
        await instance.SettleAsync();
        Assert.True(instance.Freshness.IsArmed);

        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));
        await FindAsync(instance);

        Assert.Equal(2, instance.Database.Queries);
    }

    private static ValueTask<FindResult> FindAsync(Instance instance) =>
        instance.Cache.FindAsync(new AlternateKey("/email", Email), default, Instance.Token);
}
