using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests whether a request whose entry is not confirmed reads it, or polls its range.</summary>
public sealed class FeedEconomyTests
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Entries_that_are_not_confirmed_are_read_until_that_costs_more_than_a_poll()
    {
        await using var instance = await PolledInstance.CachedAsync(users: 5, pageCharge: 2);
        await instance.AdvanceAsync(MaxStaleness * 2);
        var (reads, polls) = (instance.Database.Reads, instance.Database.Polls);

        foreach (var id in Instance.Ids(5))
            await instance.LookUpAsync(id);

        Assert.Equal((2, 1), (instance.Database.Reads - reads, instance.Database.Polls - polls));
    }

    [Fact]
    public async Task Batch_counts_all_of_its_users()
    {
        await using var instance = await PolledInstance.CachedAsync(users: 5, pageCharge: 4);
        await instance.AdvanceAsync(MaxStaleness * 2);
        var polls = instance.Database.Polls;

        var results = instance.GetManyAsync(Instance.Ids(5));
        await instance.SettleAsync();

        Assert.All(await results, result => Assert.Equal(LookupSource.Hit, result.Source));
        Assert.Equal(1, instance.Database.Polls - polls);
    }

    [Fact]
    public async Task Request_joins_the_read_of_another_one_instead_of_polling()
    {
        await using var instance = await PolledInstance.CachedAsync(users: 1, pageCharge: 1.5);
        await instance.AdvanceAsync(MaxStaleness * 2);
        var polls = instance.Database.Polls;
        var (held, gate) = instance.HoldReads();

        var first = instance.GetAsync("u0").AsTask();
        await held;
        var second = instance.GetAsync("u0").AsTask();
        await instance.SettleAsync();
        gate.SetResult();
        await instance.SettleAsync();

        Assert.True((await second).IsCollapsed);
        Assert.Equal(0, instance.Database.Polls - polls);
        await first;
    }

    [Fact]
    public async Task Hint_is_compared_with_polls_of_all_ranges()
    {
        await using var instance = new Instance(
            new UserCacheOptions { MaxStaleness = MaxStaleness, MaxUnseenDelete = null },
            new FollowerOptions { Allowance = 20, PollInterval = TimeSpan.FromMinutes(1), IdleAfter = TimeSpan.FromMinutes(1) },
            new FakeDatabase(4));
        await instance.FollowAsync();
        await instance.WriteAsync("u1", 1, "a@example.com");
        await instance.FindAsync();
        await instance.AdvanceAsync(MaxStaleness * 2);
        var (queries, polls) = (instance.Database.Queries, instance.Database.Polls);

        await instance.FindAsync(); // 3 request units of rent, which is less than four polls

        Assert.Equal((1, 0), (instance.Database.Queries - queries, instance.Database.Polls - polls));
    }
}
