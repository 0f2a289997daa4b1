using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests when a range is polled from its start, when it is started again, and when it is not followed.</summary>
public sealed class RangeStartTests
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Nothing_is_polled_while_there_are_no_lookups()
    {
        await using var instance = new Instance(following: new FollowerOptions { Allowance = 0.5 }, database: new FakeDatabase(10));
        instance.Follow();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        var polls = instance.Database.Polls;

        await instance.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(0, instance.Database.Polls - polls);
    }

    [Fact]
    public async Task Range_that_was_requested_is_polled_from_its_start_before_the_others()
    {
        await using var instance = new Instance(following: new FollowerOptions { Allowance = 0.5 }, database: new FakeDatabase(10));
        var polled = new List<string>();
        instance.Database.BeforePollOf = (range, _) =>
        {
            polled.Add(range);
            return Task.CompletedTask;
        };
        instance.Follow();
        await instance.SettleAsync();
        polled.Clear();
        var user = Instance.Ids(20).First(id => instance.Database.RangeOf(id) == 7);

        await instance.LookUpAsync(user);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(8));

        Assert.Equal("7", polled[0]);
    }

    [Fact]
    public async Task Searches_pay_for_arming_all_ranges_as_soon_as_they_have_cost_as_much()
    {
        await using var instance = new Instance(
            new UserCacheOptions { MaxStaleness = MaxStaleness, MaxUnseenDelete = null, CatchUpTimeout = TimeSpan.FromSeconds(1) },
            new FollowerOptions { Allowance = 0 },
            new FakeDatabase(4));
        instance.Follow();

        // No user has these keys, so no range has lookups of its own. Each search is a query of 3 request units.
        for (var i = 0; i < 26; i++)
            await instance.FindAsync($"{i}@example.com");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal((78, 0), (instance.Database.ReadCharge, instance.Database.Polls)); // a tenth of it does not pay for the starts

        await instance.FindAsync("26@example.com");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((true, 4), (instance.Freshness.IsArmed, instance.Database.Polls));
    }

    [Fact]
    public async Task Searches_that_cost_less_than_arming_all_ranges_do_not_pay_for_it()
    {
        await using var instance = new Instance(
            new UserCacheOptions { MaxStaleness = MaxStaleness, MaxUnseenDelete = null },
            new FollowerOptions { Allowance = 0 },
            new FakeDatabase(4));
        instance.Follow();

        for (var i = 0; i < 60; i++)
        {
            await instance.FindAsync($"{i}@example.com");
            await instance.AdvanceAsync(TimeSpan.FromSeconds(3)); // 6 request units within the staleness bound, and the starts cost 8
        }

        Assert.Equal(0, instance.Database.Polls);
    }

    [Fact]
    public async Task Range_whose_changes_cost_more_than_a_start_is_started_again()
    {
        await using var instance = await PolledInstance.CachedAsync(users: 1, pageCharge: 1, pollIntervalSeconds: 1);
        var armed = instance.Freshness.Epoch;
        await WriteAndPollAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(10)); // about as many changes as before, but they are not read

        await instance.WriteAsync("u0", 9);
        await instance.LookUpAsync("u0");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.True(instance.Freshness.Epoch > armed);
        Assert.True(instance.Freshness.IsArmed);
        Assert.Equal(9, (await instance.LookUpAsync("u0")).Version());

        async Task WriteAndPollAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                await instance.WriteAsync("u0", 2 + (i % 5));
                await instance.LookUpAsync("u0");
                await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task Changes_that_cost_more_than_they_save_are_not_read_to_their_end()
    {
        await using var instance = await PolledInstance.CachedAsync(users: 1, pageCharge: 1, pollIntervalSeconds: 1);
        var (armed, polls) = (instance.Freshness.Epoch, instance.Database.Polls);
        instance.Database.ReplacePage = page => page with { RequestCharge = 500, EndReached = false };

        await instance.LookUpAsync("u0");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));

        Assert.Equal((1, true), (instance.Gaps, instance.Freshness.Epoch > armed));
        Assert.Equal(1, instance.Database.Polls - polls);
    }

    [Fact]
    public async Task Range_that_is_not_polled_on_purpose_says_so()
    {
        await using var instance = await PolledInstance.CachedAsync(users: 1, pageCharge: 1, allowance: 0, pollIntervalSeconds: 1);

        Assert.All(instance.Follower.Ranges, range => Assert.Equal((null, true), (range.Interval, range.IsNotFollowed)));
    }

    [Fact]
    public async Task Range_that_cannot_be_polled_does_not_count_as_not_polled_on_purpose()
    {
        await using var instance = new Instance(following: new FollowerOptions { Allowance = 100 }, database: new FakeDatabase(1));
        instance.Database.BeforePoll = _ => throw new InvalidOperationException("simulated");
        instance.Follow();
        await instance.LookUpAsync("u0");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.False(Assert.Single(instance.Follower.Ranges).IsNotFollowed);
    }
}
