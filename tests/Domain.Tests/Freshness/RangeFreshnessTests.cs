using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using static Lookup.Domain.Tests.Freshness.TwoRanges;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests that each feed range confirms its own users, whatever happens in the other ranges.</summary>
public sealed class RangeFreshnessTests
{
    private static readonly TimeSpan Bound = new UserCacheOptions().MaxStaleness;

    [Fact]
    public async Task Failing_range_does_not_affect_users_of_other_ranges()
    {
        await using var instance = await FollowAsync();
        var (broken, healthy) = (UserIn(instance, 0), UserIn(instance, 1));
        instance.Database.BeforePollOf = (range, _) =>
            range == "0" ? throw new UserStoreException(UserStoreFailure.Unavailable, "down") : Task.CompletedTask;

        for (var elapsed = TimeSpan.Zero; elapsed < 3 * Bound; elapsed += TimeSpan.FromSeconds(1))
        {
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
            Assert.Equal(LookupSource.Hit, (await instance.GetAsync(healthy)).Source);
        }

        Assert.Equal(LookupSource.Stale, (await instance.GetAsync(broken)).Source);
        Assert.True(instance.Freshness.ConfirmedAge > Bound, "The range that failed counts as confirmed.");
    }

    [Fact]
    public async Task Gap_in_a_range_ends_its_epoch_alone_and_restarts_it_alone()
    {
        await using var instance = await FollowAsync();
        var (lost, kept) = (UserIn(instance, 0), UserIn(instance, 1));
        var epoch = instance.Freshness.Epoch;
        var gaps = 0;
        instance.Database.BeforePollOf = (range, _) =>
            range == "0" && gaps++ == 0 ? throw new FeedGapException("the continuation was lost") : Task.CompletedTask;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.Equal((1, 1), (instance.Gaps, instance.Database.Starts));
        Assert.True(instance.Freshness.Epoch > epoch, "The gap did not start a new epoch.");
        Assert.True(instance.Freshness.IsArmed, "The range was not armed again.");
        await instance.AdvanceAsync(Bound);
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync(kept)).Source);
        Assert.True((await instance.GetAsync(lost)).IsRevalidated, "A user of the range with the gap was confirmed by the feed.");
    }

    [Fact]
    public async Task Change_that_cannot_be_read_affects_its_range_alone()
    {
        await using var instance = await FollowAsync();
        var (lost, kept) = (UserIn(instance, 0), UserIn(instance, 1));
        instance.Database.BeforePollOf = (range, _) =>
        {
            if (range == "0")
                (instance.Database.Unreadable, instance.Database.BeforePollOf) = (1, null);
            return Task.CompletedTask;
        };

        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(2));

        Assert.True(instance.Freshness.IsArmed);
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync(kept)).Source);
        Assert.True((await instance.GetAsync(lost)).IsRevalidated, "A user of the range with the unreadable change was confirmed by the feed.");
    }

    [Fact]
    public async Task User_is_covered_as_soon_as_its_own_range_is_armed()
    {
        await using var instance = new Instance();
        instance.Database.BeforePollOf = (range, token) => range == "0" ? Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token) : Task.CompletedTask;
        instance.Follow();
        await instance.SettleAsync();
        var (unarmed, armed) = (UserIn(instance, 0), UserIn(instance, 1));
        await instance.GetAsync(unarmed);
        await instance.GetAsync(armed);
        Assert.False(instance.Freshness.IsArmed);

        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync(armed)).Source);
        Assert.Equal(LookupSource.Stale, (await instance.GetAsync(unarmed)).Source);
    }

    [Fact]
    public async Task Catch_up_polls_only_the_ranges_of_the_users_that_are_looked_up()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 4));
        await instance.FollowAsync();
        string[] users = [.. Enumerable.Range(0, 4).Select(range => UserIn(instance, range))];
        await instance.GetManyAsync(users);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(60)); // until polling is paused
        var polled = new List<string>();
        var gate = new TaskCompletionSource();
        instance.Database.BeforePollOf = (range, _) =>
        {
            polled.Add(range);
            return range is "1" or "2" ? Task.CompletedTask : gate.Task;
        };

        var one = await instance.GetAsync(users[1]);
        var two = await instance.GetManyAsync([users[1], users[2]]);
        await instance.SettleAsync();
        gate.SetResult();

        // The lookup also resumed the loops of the other ranges, whose polls were held. Neither lookup waited for them.
        Assert.Equal(LookupSource.Hit, one.Source);
        Assert.All(two, result => Assert.Equal(LookupSource.Hit, result.Source));
        Assert.Equal(4, polled.Distinct().Count());
    }

    [Fact]
    public async Task Range_that_cannot_be_read_from_its_start_restarts_the_feed()
    {
        await using var instance = await FollowAsync();
        var gaps = 0;
        instance.Database.BeforePollOf = (range, _) =>
            range == "0" && gaps++ < 2 ? throw new FeedGapException("the continuation was lost") : Task.CompletedTask;

        await instance.AdvanceUntilAsync(() => instance.Database.Starts == 2 && instance.Freshness.IsArmed);

        Assert.Equal(2, instance.Gaps);
    }

    [Fact]
    public async Task Range_that_fails_to_catch_up_is_not_polled_by_every_request_and_the_others_are()
    {
        await using var instance = await FollowAsync();
        var (broken, healthy) = (UserIn(instance, 0), UserIn(instance, 1));
        await instance.AdvanceAsync(TimeSpan.FromSeconds(60)); // until polling is paused
        var polls = new Dictionary<string, int> { ["0"] = 0, ["1"] = 0 };
        instance.Database.BeforePollOf = (range, _) =>
        {
            polls[range]++;
            return range == "0" ? throw new UserStoreException(UserStoreFailure.Unavailable, "down") : Task.CompletedTask;
        };

        for (var i = 0; i < 10; i++)
        {
            Assert.NotEqual(LookupSource.Hit, (await instance.GetAsync(broken, new ReadDirectives { NoStore = true })).Source);
            Assert.Equal(LookupSource.Hit, (await instance.GetAsync(healthy)).Source);
        }

        Assert.InRange(polls["0"], 1, 2); // by the first request, and by the loop that it resumed
    }

    [Fact]
    public async Task Without_a_partitioner_a_user_is_confirmed_only_if_all_ranges_are()
    {
        await using var instance = new Instance(database: new FakeDatabase { Partitions = false });
        await FollowAsync(instance);
        var healthy = UserIn(instance, 1);
        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync(healthy)).Source);

        instance.Database.BeforePollOf = (range, _) =>
            range == "0" ? throw new UserStoreException(UserStoreFailure.Unavailable, "down") : Task.CompletedTask;
        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));

        Assert.Equal(LookupSource.Stale, (await instance.GetAsync(healthy)).Source);
    }

    [Fact]
    public async Task User_that_appears_in_another_range_than_computed_ends_all_epochs_and_the_use_of_the_partitioner()
    {
        var database = new FakeDatabase();
        await using var instance = new Instance(database: database);
        database.ReplaceRange = (id, range) => id == "moved" ? 1 - range : range;
        await FollowAsync(instance);
        var healthy = UserIn(instance, 1 - database.RangeOf("moved"));
        var epoch = instance.Freshness.Epoch;

        await instance.WriteAsync("moved", 1);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(1, instance.Abandonments);
        Assert.True(instance.Freshness.Epoch > epoch, "The epochs continue.");
        Assert.True(instance.Freshness.IsArmed, "The feed was not armed again.");
        await instance.GetAsync(healthy, new ReadDirectives { NoCache = true });
        database.BeforePollOf = (range, _) => range == database.RangeOf("moved").ToString(System.Globalization.CultureInfo.InvariantCulture)
            ? throw new UserStoreException(UserStoreFailure.Unavailable, "down")
            : Task.CompletedTask;
        await instance.AdvanceAsync(Bound + TimeSpan.FromSeconds(1));
        Assert.Equal(LookupSource.Stale, (await instance.GetAsync(healthy)).Source);
    }

    /// <summary>The user of the old container is read again, and the partitioner stays unused after the restart.</summary>
    [Fact]
    public async Task Abandoned_partitioner_is_not_used_after_a_restart_of_the_feed()
    {
        var database = new FakeDatabase();
        await using var instance = new Instance(database: database);
        database.ReplaceRange = (_, range) => 1 - range;
        await FollowAsync(instance);
        await instance.WriteAsync("ada", 1);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, instance.Abandonments);

        database.Recreate();
        await instance.AdvanceUntilAsync(() => database.Starts == 2 && instance.Freshness.IsArmed);
        await instance.WriteAsync("ada", 2);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.Equal((2, 1), (database.Starts, instance.Abandonments));
    }

    /// <summary>A poll that a catch-up started is waited for before the feed is started again, so it cannot act on the new epochs.</summary>
    [Fact]
    public async Task Poll_of_a_catch_up_does_not_outlive_its_feed()
    {
        await using var instance = await FollowAsync();
        var user = UserIn(instance, 0);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(60)); // until polling is paused
        var (held, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        instance.Database.BeforePollOf = (range, _) =>
        {
            if (range != "0")
                return Task.CompletedTask;
            held.TrySetResult();
            return gate.Task; // ignores its cancellation, as a call in progress may
        };
        var lookup = instance.GetAsync(user).AsTask();
        await held.Task;

        instance.Database.Recreate();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(1, instance.Database.Starts);
        instance.Database.BeforePollOf = null;
        gate.SetResult();
        await instance.AdvanceUntilAsync(() => instance.Database.Starts == 2 && instance.Freshness.IsArmed);

        await lookup;
    }
}
