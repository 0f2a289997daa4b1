using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests single decisions of the economy of polling: to read or to poll for a request, when to poll without one, and when not to poll.</summary>
public sealed class FeedEconomyTests
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Entries_that_are_not_confirmed_are_read_until_that_costs_more_than_a_poll()
    {
        await using var instance = await CachedAsync(users: 5, pageCharge: 2);
        await instance.AdvanceAsync(MaxStaleness * 2);
        var (reads, polls) = (instance.Database.Reads, instance.Database.Polls);

        foreach (var id in Instance.Ids(5))
            await LookUpAsync(instance, id);

        Assert.Equal((2, 1), (instance.Database.Reads - reads, instance.Database.Polls - polls));
    }

    [Fact]
    public async Task Batch_counts_all_of_its_users()
    {
        await using var instance = await CachedAsync(users: 5, pageCharge: 4);
        await instance.AdvanceAsync(MaxStaleness * 2);
        var polls = instance.Database.Polls;

        var results = instance.GetManyAsync(Instance.Ids(5));
        await instance.SettleAsync();

        Assert.All(await results, result => Assert.Equal(LookupSource.Hit, result.Source));
        Assert.Equal(1, instance.Database.Polls - polls);
    }

    [Fact]
    public void Poll_that_the_account_cannot_pay_is_not_sent()
    {
        var freshness = new FreshnessTracker(new FakeTimeProvider());
        var economy = new FeedEconomy(new FollowerOptions { Allowance = 0 }, freshness);
        freshness.BeginEpochs(null, 1);
        economy.Start(1);
        freshness.Confirm(freshness.Current[0], freshness.Clock.Now);
        economy.AddPage(0, 10, isEmptyEnd: true);
        economy.AddPoll(0, freshness.Clock.Now, isSuccessful: true);
        var account = freshness.Current.All.Account;
        account.Pay(account.Balance);

        Assert.DoesNotContain(true, Enumerable.Range(0, 20).Select(_ => economy.Buys(FeedEpoch.AllRanges, 1)));

        account.AddSaved(freshness.Clock.Now, 9); // 9.9 request units, and 1.1 more if the next request is served
        Assert.True(economy.Buys(FeedEpoch.AllRanges, 1));
        Assert.Equal(-0.1, account.Balance, precision: 9);
    }

    [Fact]
    public void Allowance_settles_the_debts_of_the_account_before_it_pays_for_a_poll()
    {
        var time = new FakeTimeProvider();
        var freshness = new FreshnessTracker(time);
        var economy = new FeedEconomy(new FollowerOptions { Allowance = 1 }, freshness);
        freshness.BeginEpochs(null, 1);
        economy.Start(1);
        freshness.Confirm(freshness.Current[0], freshness.Clock.Now);
        economy.AddPage(0, 1, isEmptyEnd: true);
        economy.AddPoll(0, freshness.Clock.Now, isSuccessful: true);
        var account = freshness.Current.All.Account;
        account.Pay(account.Balance + 7); // 4 of the 5 request units of the allowance are left, because the poll was not paid for in advance

        Assert.False(economy.Buys(FeedEpoch.AllRanges, 2));
        Assert.Equal(-3, account.Balance, precision: 6);
        time.Advance(TimeSpan.FromSeconds(3.5));
        Assert.False(economy.Buys(FeedEpoch.AllRanges, 2));
        Assert.Equal(0, account.Balance, precision: 6);
        time.Advance(TimeSpan.FromSeconds(0.6));
        Assert.True(economy.Buys(FeedEpoch.AllRanges, 2));
    }

    [Fact]
    public void Entry_is_counted_once_per_period_also_if_the_feed_has_updated_it()
    {
        var epoch = new FeedEpoch(1, 0, new RangeAccount(MaxStaleness.Ticks));
        var document = new UserDocument("{}"u8.ToArray(), "\"1\"", 5, default, []);
        var user = document.Stamped(5, EntryStamp.ForFeed(0, 0, epoch, new LogPosition(new LogPartition("0", -1), 5)));
        var (now, slot) = (MaxStaleness.Ticks * 2, 1L << 18);

        Assert.True(user.TryCount(now, MaxStaleness.Ticks));
        Assert.All([now, now + 1, now - slot, now + slot, now + MaxStaleness.Ticks], at => Assert.False(user.TryCount(at, MaxStaleness.Ticks)));
        Assert.All([now, now - slot, now + (MaxStaleness.Ticks / 2)], at => Assert.True(user.IsFreshWithoutFeed(at, MaxStaleness.Ticks, out _)));
        Assert.True(user.TryCount(now + MaxStaleness.Ticks + (3 * slot), MaxStaleness.Ticks));
    }

    [Fact]
    public void Poll_from_now_does_not_show_how_many_changes_there_were()
    {
        var range = new PolledRange();
        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(0, isSuccessful: true);
        range.AddPage(10, isEmptyEnd: false);
        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(TimeSpan.TicksPerSecond, isSuccessful: true);
        var price = range.PriceAt(11 * TimeSpan.TicksPerSecond);

        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(50 * TimeSpan.TicksPerSecond, isSuccessful: true, isStart: true);

        Assert.Equal(1 + (10 * 0.2 * 10), price, tolerance: 0.001);
        Assert.Equal(price, range.PriceAt(60 * TimeSpan.TicksPerSecond), tolerance: 0.001);
    }

    [Fact]
    public void Range_that_has_split_has_the_price_of_all_its_parts()
    {
        var range = new PolledRange();
        for (var part = 0; part < 3; part++)
            range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(0, isSuccessful: true);

        Assert.Equal(3, range.PriceAt(0));
    }

    [Fact]
    public async Task Changes_that_cost_more_than_they_save_are_not_read_to_their_end()
    {
        await using var instance = await CachedAsync(users: 1, pageCharge: 1, pollIntervalSeconds: 1);
        var (armed, polls) = (instance.Freshness.Epoch, instance.Database.Polls);
        instance.Database.ReplacePage = page => page with { RequestCharge = 500, EndReached = false };

        await LookUpAsync(instance, "u0");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));

        Assert.Equal((1, true), (instance.Gaps, instance.Freshness.Epoch > armed));
        Assert.Equal(1, instance.Database.Polls - polls);
    }

    [Fact]
    public void Failed_poll_costs_at_least_its_price()
    {
        var range = new PolledRange();
        range.Pay(3, null);

        Assert.Equal((null, 0), range.EndPoll(10, isSuccessful: false));

        range.Pay(3, null);
        range.AddPage(5, isEmptyEnd: false);
        Assert.Equal((null, 2), range.EndPoll(10, isSuccessful: false));
    }

    [Fact]
    public void Price_of_a_poll_includes_the_changes_since_the_last_one()
    {
        var range = new PolledRange();
        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(0, isSuccessful: true);
        for (var second = 1; second <= 50; second++)
        {
            range.AddPage(3, isEmptyEnd: false);
            range.AddPage(1, isEmptyEnd: true);
            range.EndPoll(second * TimeSpan.TicksPerSecond, isSuccessful: true);
        }

        Assert.Equal(1 + (3 * 10), range.PriceAt(60 * TimeSpan.TicksPerSecond), tolerance: 0.1);
    }

    [Fact]
    public void Allowance_goes_to_the_ranges_with_the_most_lookups()
    {
        var second = TimeSpan.TicksPerSecond;
        var plan = BackgroundPlan.Create(
            [new(FeedEpoch.AllRanges, 3, 0, 0), new(0, 1, Budget: 0, Demand: 1), new(1, 1, Budget: 0, Demand: 3), new(2, 1, Budget: 0.5, Demand: 2)],
            ranges: 3, allowance: 1.6, shortest: second, longest: 4 * second, now: 0);

        // Range 1 takes 1 of 1.6, range 2 the half that it lacks, and 0.1 is too little for range 0.
        Assert.Equal([long.MaxValue, second, second], Enumerable.Range(0, 3).Select(plan.IntervalOf));
    }

    [Fact]
    public void Polls_for_hints_have_the_interval_that_all_ranges_together_save()
    {
        var second = TimeSpan.TicksPerSecond;
        var plan = BackgroundPlan.Create(
            [new(FeedEpoch.AllRanges, 6, Budget: 3, Demand: 12), new(0, 3, Budget: 3, Demand: 12), new(1, 3, Budget: 0, Demand: 0)],
            ranges: 2, allowance: 0, shortest: second, longest: 4 * second, now: 0);

        Assert.Equal([(second, false), (2 * second, true)], Enumerable.Range(0, 2).Select(i => (plan.IntervalOf(i), plan.IsForHints(i))));
    }

    [Fact]
    public async Task Request_joins_the_read_of_another_one_instead_of_polling()
    {
        await using var instance = await CachedAsync(users: 1, pageCharge: 1.5);
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
        await FindAsync(instance);
        await instance.AdvanceAsync(MaxStaleness * 2);
        var (queries, polls) = (instance.Database.Queries, instance.Database.Polls);

        await FindAsync(instance); // 3 request units of rent, which is less than four polls

        Assert.Equal((1, 0), (instance.Database.Queries - queries, instance.Database.Polls - polls));
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
            await FindAsync(instance, $"{i}@example.com");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal((78, 0), (instance.Database.ReadCharge, instance.Database.Polls)); // a tenth of it does not pay for the starts

        await FindAsync(instance, "26@example.com");
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
            await FindAsync(instance, $"{i}@example.com");
            await instance.AdvanceAsync(TimeSpan.FromSeconds(3)); // 6 request units within the staleness bound, and the starts cost 8
        }

        Assert.Equal(0, instance.Database.Polls);
    }

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

        await LookUpAsync(instance, user);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(8));

        Assert.Equal("7", polled[0]);
    }

    [Fact]
    public async Task Range_whose_changes_cost_more_than_a_start_is_started_again()
    {
        await using var instance = await CachedAsync(users: 1, pageCharge: 1, pollIntervalSeconds: 1);
        var armed = instance.Freshness.Epoch;
        await WriteAndPollAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(10)); // about as many changes as before, but they are not read

        await instance.WriteAsync("u0", 9);
        await LookUpAsync(instance, "u0");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.True(instance.Freshness.Epoch > armed);
        Assert.True(instance.Freshness.IsArmed);
        Assert.Equal(9, (await LookUpAsync(instance, "u0")).Version());

        async Task WriteAndPollAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                await instance.WriteAsync("u0", 2 + (i % 5));
                await LookUpAsync(instance, "u0");
                await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task Range_that_is_not_polled_on_purpose_says_so()
    {
        await using var instance = await CachedAsync(users: 1, pageCharge: 1, allowance: 0, pollIntervalSeconds: 1);

        Assert.All(instance.Follower.Ranges, range => Assert.Equal((null, true), (range.Interval, range.IsNotFollowed)));
    }

    [Fact]
    public async Task Range_that_cannot_be_polled_does_not_count_as_not_polled_on_purpose()
    {
        await using var instance = new Instance(following: new FollowerOptions { Allowance = 100 }, database: new FakeDatabase(1));
        instance.Database.BeforePoll = _ => throw new InvalidOperationException("simulated");
        instance.Follow();
        await LookUpAsync(instance, "u0");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.False(Assert.Single(instance.Follower.Ranges).IsNotFollowed);
    }

    /// <summary>Creates an instance with one range that is armed, and with cached users. Only requests cause further polls, unless there is an interval.</summary>
    private static Task<Instance> CachedAsync(int users, double pageCharge, double allowance = 20, int pollIntervalSeconds = 3600)
    {
        return CacheAsync(new Instance(
            new UserCacheOptions { MaxStaleness = MaxStaleness, MaxUnseenDelete = null, CatchUpTimeout = TimeSpan.FromSeconds(1) },
            new FollowerOptions
            {
                Allowance = allowance,
                PollInterval = TimeSpan.FromSeconds(pollIntervalSeconds),
                IdleAfter = TimeSpan.FromSeconds(pollIntervalSeconds),
            },
            new FakeDatabase(1) { PageCharge = pageCharge }));

        async Task<Instance> CacheAsync(Instance instance)
        {
            foreach (var id in Instance.Ids(users))
                await instance.WriteAsync(id, 1);
            instance.Follow();
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

            // Without an allowance, reads must earn what the start of the range costs.
            for (var i = 0; i < 200 && !instance.Freshness.IsArmed; i++)
            {
                await instance.GetAsync($"other{i}");
                await instance.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            }

            Assert.True(instance.Freshness.IsArmed);
            foreach (var id in Instance.Ids(users))
                await instance.GetAsync(id);
            return instance;
        }
    }

    private static async Task<LookupResult> LookUpAsync(Instance instance, string id)
    {
        var lookup = instance.GetAsync(id).AsTask();
        await instance.SettleAsync();
        return await lookup;
    }

    private static async Task FindAsync(Instance instance, string email = "a@example.com")
    {
        var find = instance.Cache.FindAsync(new AlternateKey("/email", email), default, Instance.Token).AsTask();
        await instance.SettleAsync();
        await find;
    }
}
