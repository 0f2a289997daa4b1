using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests that each poll is paid for, by one payment, from the account or the allowance.</summary>
public sealed class PollPaymentTests
{
    private static readonly FollowerOptions OnDemandOnly = new() { Allowance = 20, PollInterval = TimeSpan.FromHours(1), IdleAfter = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Request_that_expects_to_share_a_poll_sends_none_if_that_has_ended()
    {
        await using var instance = new Instance(new UserCacheOptions { MaxUnseenDelete = null }, OnDemandOnly, new FakeDatabase(1));
        instance.Follow();
        await instance.SettleAsync();
        ICatchUp follower = instance.Follower;
        var gate = HoldPolls(instance);

        Assert.True(follower.Buys(0, price: 5)); // paid by the allowance
        var first = follower.CatchUpAsync(0, TimeSpan.FromSeconds(1), Instance.Token).AsTask();
        Assert.True(follower.Buys(0, price: 5)); // shared
        gate.SetResult();
        await first;
        var polls = instance.Database.Polls;
        await follower.CatchUpAsync(0, TimeSpan.FromSeconds(1), Instance.Token);

        Assert.Equal(polls, instance.Database.Polls);
    }

    [Fact]
    public async Task Request_that_expects_to_share_a_poll_joins_it()
    {
        await using var instance = new Instance(new UserCacheOptions { MaxUnseenDelete = null }, OnDemandOnly, new FakeDatabase(1));
        instance.Follow();
        await instance.SettleAsync();
        ICatchUp follower = instance.Follower;
        var polls = instance.Database.Polls;
        var gate = HoldPolls(instance);

        Assert.True(follower.Buys(0, price: 5));
        Assert.True(follower.Buys(0, price: 5));
        var second = follower.CatchUpAsync(0, TimeSpan.FromSeconds(1), Instance.Token).AsTask(); // before the one that paid
        var first = follower.CatchUpAsync(0, TimeSpan.FromSeconds(1), Instance.Token).AsTask();
        await instance.SettleAsync();
        Assert.Equal((false, false), (first.IsCompleted, second.IsCompleted));
        gate.SetResult();
        await first;
        await second;

        Assert.Equal(1, instance.Database.Polls - polls);
    }

    [Fact]
    public async Task Loop_that_expects_to_share_a_poll_sends_none_if_that_has_ended()
    {
        await using var instance = new Instance(database: new FakeDatabase(1));
        using var following = new CancellationTokenSource();
        var options = new FollowerOptions();
        var economy = new FeedEconomy(options, instance.Freshness);
        instance.Freshness.BeginEpochs(null, 1);
        economy.Start(1);
        var position = (await instance.Database.StartAsync(Instance.Token)).Positions[0];
        var range = new FeedRangeFollower(
            0, position, RangePart.From(position), instance.Database, instance.Cache, instance.Freshness, options, instance.Time, instance, economy, following);
        var gate = HoldPolls(instance);

        Assert.Equal(TimeSpan.Zero, economy.BuyOrWait(0)); // paid by the allowance
        var first = range.PollAsync();
        Assert.Equal(TimeSpan.Zero, economy.BuyOrWait(0)); // shared
        gate.SetResult();

        Assert.Equal(PollOutcome.EndReached, await first);
        Assert.Equal(PollOutcome.NotPaid, await range.PollAsync());
        Assert.Equal(1, instance.Database.Polls);
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

    [Theory]
    [InlineData(0)]
    [InlineData(FeedEpoch.AllRanges)]
    public async Task Read_after_an_early_eviction_is_charged_to_the_lookups_for_which_the_poll_was_sent(int polled)
    {
        await using var instance = new Instance(new UserCacheOptions { MaxUnseenDelete = null }, OnDemandOnly, new FakeDatabase(2));
        instance.Follow();
        await instance.SettleAsync();
        var user = Instance.Ids(2).First(id => instance.Database.RangeOf(id) == 0);
        await instance.WriteAsync(user, 1, "a@example.com");
        await instance.FindAsync();
        ICatchUp follower = instance.Follower;
        var (all, range) = (instance.Freshness.Current.All.Account, instance.Freshness.Current[0].Account);

        await instance.WriteAsync(user, 2, "a@example.com");
        Assert.True(follower.Buys(polled, price: 5));
        await follower.CatchUpAsync(polled, TimeSpan.FromSeconds(1), Instance.Token);
        var (before, beforeOfRange) = (all.Balance, range.Balance);
        await instance.FindAsync(); // the hint and the user were evicted

        const double Charge = FakeDatabase.QueryCharge + 1;
        Assert.Equal(polled == 0 ? 0 : -Charge, all.Balance - before, precision: 9);
        Assert.Equal(polled == 0 ? -Charge : 0, range.Balance - beforeOfRange, precision: 9);
    }

    [Fact]
    public async Task Read_whose_result_a_poll_prevents_from_being_stored_is_charged()
    {
        await using var instance = new Instance(new UserCacheOptions { MaxUnseenDelete = null }, OnDemandOnly, new FakeDatabase(2));
        instance.Follow();
        await instance.SettleAsync();
        var user = Instance.Ids(2).First(id => instance.Database.RangeOf(id) == 0);
        await instance.WriteAsync(user, 1);
        var (held, gate) = instance.HoldReads();
        var first = instance.GetAsync(user).AsTask();
        await held;
        ICatchUp follower = instance.Follower;
        var account = instance.Freshness.Current[0].Account;

        await instance.WriteAsync(user, 2);
        Assert.True(follower.Buys(0, price: 5));
        await follower.CatchUpAsync(0, TimeSpan.FromSeconds(1), Instance.Token);
        var (before, demand) = (account.Balance, account.DemandPerSecond(instance.Freshness.Clock.Now));
        instance.Database.AfterRead = null;
        gate.SetResult();
        await first;
        Assert.Equal(LookupSource.Miss, (await instance.GetAsync(user)).Source);

        // Without the feed, one read would have been enough.
        Assert.Equal(RangeAccount.MaxCost - 2, account.Balance - before, precision: 9);
        Assert.Equal(1 / (2 * instance.Freshness.MaxStaleness / (double)TimeSpan.TicksPerSecond), account.DemandPerSecond(instance.Freshness.Clock.Now) - demand, precision: 9);
    }

    [Fact]
    public void Decision_about_a_request_allocates_nothing()
    {
        var time = new FakeTimeProvider();
        var freshness = new FreshnessTracker(time);
        var economy = new FeedEconomy(new FollowerOptions { Allowance = 0 }, freshness);
        freshness.BeginEpochs(new FirstRange(), 20);
        economy.Start(20);
        for (var i = 0; i < 20; i++)
        {
            freshness.Confirm(freshness.Current[i], freshness.Clock.Now);
            economy.AddPoll(i, freshness.Clock.Now, isSuccessful: true);
        }

        time.Advance(TimeSpan.FromSeconds(10));
        Decide();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Decide();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Decide()
        {
            economy.Buys(3, 1);
            economy.Buys(FeedEpoch.AllRanges, 3);
        }
    }

    private sealed class FirstRange : IFeedPartitioner
    {
        public int RangeOf(string partitionKey) => 0;
    }

    private static TaskCompletionSource HoldPolls(Instance instance)
    {
        var gate = new TaskCompletionSource();
        instance.Database.BeforePoll = gate.Task.WaitAsync;
        return gate;
    }
}
