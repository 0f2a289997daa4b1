using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Tests.Feed;

public sealed class ChangeFeedFollowerTests
{
    [Fact]
    public async Task Run_with_an_empty_cache_arms_and_then_does_not_poll()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        var polls = instance.Database.Polls;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((2, 2), (polls, instance.Database.Polls));
    }

    [Fact]
    public async Task Run_polls_each_range_once_an_interval_while_there_are_lookups()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        await instance.GetAsync("nobody");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        var polls = instance.Database.Polls;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.InRange(instance.Database.Polls - polls, 18, 21);
    }

    [Fact]
    public async Task Run_polls_its_ranges_concurrently()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 4));
        var gate = new TaskCompletionSource();
        var waiting = 0;
        instance.Database.BeforePoll = _ => Interlocked.Increment(ref waiting) == 4 ? Open() : gate.Task;

        await instance.FollowAsync();

        Assert.Equal(4, waiting);

        Task Open()
        {
            gate.SetResult();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Run_continues_after_failures_of_the_start_and_of_polls()
    {
        await using var instance = new Instance();
        var left = 5;
        instance.Database.BeforePoll = _ =>
            left-- > 0 ? throw new UserStoreException(UserStoreFailure.Unavailable, "down") : Task.CompletedTask;

        instance.Follow();
        while (!instance.Freshness.IsArmed)
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(5, instance.Failures);
        Assert.Equal(1, instance.Database.Starts);
    }

    [Fact]
    public async Task Poll_that_never_reaches_the_end_is_abandoned_for_a_start_from_now()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await instance.FollowAsync();
        await instance.WriteAsync("ada", 1);
        await instance.GetAsync("ada");
        var writes = 0;
        instance.Database.BeforePoll = async token =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), instance.Time, token);
            if (instance.Gaps == 0)
                await instance.WriteAsync("ada", ++writes + 1);
        };

        await instance.AdvanceAsync(TimeSpan.FromSeconds(9));
        Assert.Equal(0, instance.Gaps);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(4));

        Assert.Equal((1, 1), (instance.Database.Starts, instance.Gaps));
        Assert.True(instance.Freshness.IsArmed);
        Assert.InRange(writes, 90, 110);
    }

    [Fact]
    public async Task Start_in_another_log_clears_the_state_of_the_old_log()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        for (var version = 1; version <= 50; version++)
            await instance.WriteAsync("ada", version);
        await instance.GetAsync("ada");
        instance.Evict("bob", lsn: 50);

        instance.Database.Recreate();
        await instance.WriteAsync("ada", 1);
        await instance.WriteAsync("bob", 1);
        await instance.AdvanceUntilAsync(() => instance.Database.Starts == 2 && instance.Freshness.IsArmed);

        Assert.Equal((1, 2), (instance.Gaps, instance.Database.Starts));
        foreach (var id in new[] { "ada", "bob" })
        {
            var result = await instance.GetAsync(id);
            Assert.Equal((LookupStatus.Found, LookupSource.Miss), (result.Status, result.Source));
        }
    }

    [Fact]
    public async Task Hung_poll_times_out_at_its_deadline_and_is_sent_again()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        var sent = 0;
        instance.Database.BeforePoll = token =>
            sent++ == 0 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token) : Task.CompletedTask;

        instance.Follow();
        while (!instance.Freshness.IsArmed)
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 2), (instance.Failures, sent));
    }

    [Fact]
    public async Task Failing_feed_is_not_polled_by_every_request()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        for (var i = 0; i < 50; i++)
            await instance.GetAsync($"u{i}");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(45));
        var polls = 0;
        instance.Database.BeforePoll = _ =>
        {
            Interlocked.Increment(ref polls);
            throw new UserStoreException(UserStoreFailure.Unavailable, "down");
        };

        for (var i = 0; i < 50; i++)
            Assert.Equal(LookupStatus.NotFound, (await instance.GetAsync($"u{i}")).Status);

        Assert.InRange(polls, 1, 4);
    }

    [Fact]
    public async Task Ranges_report_the_position_of_each_range()
    {
        await using var instance = new Instance();
        Assert.Empty(instance.Follower.Ranges);
        await instance.FollowAsync();
        instance.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal([("0", TimeSpan.FromSeconds(3)), ("1", TimeSpan.FromSeconds(3))], instance.Follower.Ranges.Select(range => (range.Range, range.Lag!.Value)));
        Assert.Equal(TimeSpan.FromSeconds(3), instance.Freshness.ConfirmedAge);
    }

    [Fact]
    public async Task Confirmation_is_limited_by_the_slowest_range()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        await instance.GetAsync("nobody");
        var gate = new TaskCompletionSource();
        var polls = 0;
        instance.Database.BeforePoll = _ => Interlocked.Increment(ref polls) == 1 ? gate.Task : Task.CompletedTask;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.9));

        Assert.InRange(instance.Freshness.ConfirmedAge!.Value, TimeSpan.FromSeconds(1.8), TimeSpan.FromSeconds(2));
        gate.SetResult();
        await UntilAsync(() => instance.Freshness.ConfirmedAge < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Canceled_run_ends()
    {
        var instance = new Instance();
        await instance.FollowAsync();
        await instance.GetAsync("nobody");

        await instance.DisposeAsync();

        Assert.False(instance.Freshness.IsArmed);
    }

    [Fact]
    public async Task Run_canceled_while_it_waits_to_restart_ends_without_an_error()
    {
        var instance = new Instance();
        instance.Database.BeforeStart = () => throw new UserStoreException(UserStoreFailure.Unavailable, "down");
        instance.Follow();
        await instance.SettleAsync();
        Assert.Equal(1, instance.Failures);

        await instance.DisposeAsync();
    }

    [Fact]
    public async Task Run_with_a_failing_start_restarts_with_growing_delays()
    {
        await using var instance = new Instance();
        instance.Database.BeforeStart = () => throw new UserStoreException(UserStoreFailure.Unavailable, "down");
        instance.Follow();

        await instance.AdvanceAsync(TimeSpan.FromSeconds(16.5)); // at 0, 1, 3, 7 and 12 s: the longest delay is 5 s
        Assert.Equal(5, instance.Failures);
        instance.Database.BeforeStart = null;
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.True(instance.Freshness.IsArmed, "The feed was not followed as soon as it could be started.");
    }
}
