using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;

namespace Lookup.Domain.Tests.Freshness;

public sealed class FreshnessRuleTests
{
    private static readonly TimeSpan Bound = new UserCacheOptions().MaxStaleness;

    [Fact]
    public async Task Entry_without_a_feed_is_revalidated_when_the_bound_has_passed()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");

        instance.Time.Advance(Bound);
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
        instance.Time.Advance(TimeSpan.FromMilliseconds(1));
        var stale = await instance.GetAsync("u1");
        var hit = await instance.GetAsync("u1");

        Assert.Equal((LookupSource.Stale, true, 1), (stale.Source, stale.IsRevalidated, stale.Version()));
        Assert.Equal((LookupSource.Hit, TimeSpan.Zero, Bound), (hit.Source, hit.Age, hit.TimeToLive));
        Assert.Equal([null, "\"u1-1\""], instance.Database.Conditions);
    }

    [Fact]
    public async Task Age_of_an_entry_is_measured_from_the_start_of_its_read()
    {
        await using var instance = new Instance(new UserCacheOptions { ReadDeadline = TimeSpan.FromMinutes(1) });
        await instance.WriteAsync("u1", 1);
        var (held, gate) = instance.HoldReads();

        var reader = instance.GetAsync("u1").AsTask();
        await held;
        instance.Time.Advance(TimeSpan.FromSeconds(4));
        gate.SetResult();

        Assert.Equal(TimeSpan.FromSeconds(4), (await reader).Age);
        Assert.Equal(TimeSpan.FromSeconds(1), (await instance.GetAsync("u1")).TimeToLive);
    }

    [Fact]
    public async Task Entry_stays_fresh_as_long_as_the_feed_confirms_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");

        for (var i = 0; i < 20; i++)
        {
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
            var result = await instance.GetAsync("u1");
            Assert.Equal((LookupSource.Hit, 1), (result.Source, result.Version()));
        }

        Assert.Equal(1, instance.Database.Reads);
    }

    [Fact]
    public async Task Entry_read_before_the_feed_was_armed_is_not_confirmed_by_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        await instance.FollowAsync();
        await instance.GetAsync("other");

        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));

        Assert.Equal(LookupSource.Stale, (await instance.GetAsync("u1")).Source);
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("other")).Source);
    }

    [Fact]
    public async Task Change_in_the_feed_evicts_the_user()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");

        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        await UntilAsync(() => instance.Cache.IsEmpty);

        var result = await instance.GetAsync("u1");
        Assert.Equal((LookupSource.Miss, 2), (result.Source, result.Version()));
    }

    [Fact]
    public async Task Unconfirmed_entry_is_confirmed_by_one_poll_of_each_range_for_all_requests()
    {
        await using var instance = new Instance();
        foreach (var id in new[] { "u1", "u2", "u3" })
            await instance.WriteAsync(id, 1);
        await instance.FollowAsync();
        foreach (var id in new[] { "u1", "u2", "u3" })
            await instance.GetAsync(id);

        await BecomeIdleAsync(instance);
        var polls = instance.Database.Polls;
        var results = await Task.WhenAll(new[] { "u1", "u2", "u3" }.Select(id => instance.GetAsync(id).AsTask()));

        Assert.All(results, result => Assert.Equal(LookupSource.Hit, result.Source));
        Assert.Equal(3, instance.Database.Reads);
        Assert.InRange(instance.Database.Polls - polls, 2, 4); // two ranges, whose loops also wake
    }

    [Fact]
    public async Task Change_made_while_idle_is_found_by_the_poll_that_the_next_request_waits_for()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        await BecomeIdleAsync(instance);

        await instance.WriteAsync("u1", 2);

        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Hung_feed_delays_a_request_by_the_catch_up_timeout_before_a_revalidation()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u2", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        await instance.GetAsync("u2");
        await BecomeIdleAsync(instance);
        instance.Database.BeforePoll = token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

        var first = instance.GetAsync("u1").AsTask();
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(200));
        Assert.False(first.IsCompleted, "The request did not wait for the feed.");
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        var result = await first;
        var second = instance.GetAsync("u2");

        Assert.Equal((LookupSource.Stale, true), (result.Source, result.IsRevalidated));
        Assert.True(second.IsCompleted, "A later request waited for the same poll again.");
        Assert.True((await second).IsRevalidated);
    }

    [Fact]
    public async Task Gap_in_the_feed_makes_entries_unconfirmed_until_they_are_revalidated()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        var epoch = instance.Freshness.Epoch;
        var polls = 0;
        instance.Database.BeforePoll = _ => polls++ == 0 ? throw new FeedGapException("the continuation was lost") : Task.CompletedTask;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        await UntilAsync(() => instance.Gaps == 1);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        await UntilAsync(() => instance.Freshness.IsArmed);
        await instance.AdvanceAsync(Bound);

        Assert.True(instance.Freshness.Epoch > epoch, "The gap did not start a new epoch.");
        Assert.Equal(1, instance.Database.Starts);
        Assert.True((await instance.GetAsync("u1")).IsRevalidated);
        await instance.AdvanceAsync(Bound);
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
    }

    [Fact]
    public async Task Change_that_cannot_be_read_ends_the_epoch_and_the_feed_continues()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        var epoch = instance.Freshness.Epoch;
        instance.Database.Unreadable = 1;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(2.2));
        await UntilAsync(() => instance.Freshness.IsArmed);
        await instance.AdvanceAsync(Bound);

        Assert.True(instance.Freshness.Epoch > epoch, "The unreadable change did not start a new epoch.");
        Assert.Equal(1, instance.Database.Starts);
        Assert.True((await instance.GetAsync("u1")).IsRevalidated);
    }

    [Fact]
    public async Task User_with_an_unseen_delete_is_not_served_after_the_bound_for_unseen_deletes()
    {
        var options = new UserCacheOptions { MaxUnseenDelete = TimeSpan.FromSeconds(20) };
        await using var instance = new Instance(options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        await instance.Database.DeleteAsync("u1", Token);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(LookupStatus.Found, (await instance.GetAsync("u1")).Status);
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        var result = await instance.GetAsync("u1");
        Assert.Equal((LookupStatus.NotFound, LookupSource.Stale), (result.Status, result.Source));
    }

    [Fact]
    public async Task Unknown_id_is_not_bound_by_unseen_deletes()
    {
        var options = new UserCacheOptions { MaxUnseenDelete = TimeSpan.FromSeconds(5) };
        await using var instance = new Instance(options);
        await instance.FollowAsync();
        await instance.GetAsync("nobody");

        for (var i = 0; i < 10; i++)
        {
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
            Assert.Equal(LookupSource.Hit, (await instance.GetAsync("nobody")).Source);
        }
    }

    [Fact]
    public async Task Poll_sent_before_the_epoch_ended_does_not_confirm_the_next_one()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        await instance.GetAsync("nobody");
        var gate = new TaskCompletionSource();
        var waiting = 0;
        instance.Database.BeforePoll = _ =>
        {
            Interlocked.Increment(ref waiting);
            return gate.Task;
        };
        instance.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => Volatile.Read(ref waiting) == 2);

        var armings = instance.Armings;
        var polls = instance.Database.Polls;
        instance.Freshness.EndEpoch();
        instance.Database.BeforePoll = null;
        gate.SetResult();
        await UntilAsync(() => instance.Database.Polls == polls + 2);
        await instance.SettleAsync();
        Assert.False(instance.Freshness.IsArmed);

        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        await UntilAsync(() => instance.Armings == armings + 1);
    }

    /// <summary>Advances the clock without lookups until polling is paused and all entries are unconfirmed.</summary>
    private static async Task BecomeIdleAsync(Instance instance)
    {
        await instance.AdvanceAsync(TimeSpan.FromSeconds(45));
        var polls = instance.Database.Polls;
        await instance.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(polls, instance.Database.Polls);
    }
}
