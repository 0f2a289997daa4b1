using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests that each poll is paid for, by one payment. The tests fix the order of two threads by gates.</summary>
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
            0, position, instance.Database, instance.Cache, instance.Freshness, options, instance.Time, instance, economy, following);
        var gate = HoldPolls(instance);

        Assert.Equal(TimeSpan.Zero, economy.BuyOrWait(0)); // paid by the allowance
        var first = range.PollAsync();
        Assert.Equal(TimeSpan.Zero, economy.BuyOrWait(0)); // shared
        gate.SetResult();

        Assert.Equal(PollOutcome.EndReached, await first);
        Assert.Equal(PollOutcome.NotPaid, await range.PollAsync());
        Assert.Equal(1, instance.Database.Polls);
    }

    private static TaskCompletionSource HoldPolls(Instance instance)
    {
        var gate = new TaskCompletionSource();
        instance.Database.BeforePoll = gate.Task.WaitAsync;
        return gate;
    }
}
