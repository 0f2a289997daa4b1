using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests when the tier is read and written, and what its failures cost.</summary>
public sealed class TierReadTests
{
    private readonly FakeTier _tier = new();

    [Fact]
    public async Task Read_of_the_store_is_written_so_that_another_instance_can_accept_it()
    {
        var database = new FakeDatabase();
        await using (var first = new Instance(database: database, sharedTier: _tier.Options))
        {
            await first.WriteAsync("u1", 1);
            await first.WriteAsync("u4", 1); // in the partition of u2, so that there is an LSN at which u2 does not exist
            await first.FollowAsync();
            await first.GetAsync("u1");
            await first.GetAsync("u2");
            Assert.Equal((2, 2L), (_tier.Count, first.Cache.GetStatistics().SharedTier!.Written));
        }

        await using var second = new Instance(database: database, sharedTier: _tier.Options);
        await second.FollowAsync();

        Assert.Equal((1, LookupStatus.NotFound), ((await second.GetAsync("u1")).Version(), (await second.GetAsync("u2")).Status));
        Assert.Equal((2, 2L), (database.Reads, second.Cache.GetStatistics().SharedTier!.Accepted));
    }

    [Theory]
    [InlineData(true)] // no position
    [InlineData(false)] // not stored
    public async Task Result_that_is_not_stored_or_has_no_position_is_not_written(bool isStored)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        if (isStored)
            instance.Database.ReplaceResult = (_, read) => read with { Partition = null };

        Assert.Equal(isStored, (await instance.GetAsync("u1", new ReadDirectives { NoStore = !isStored })).IsStored);

        Assert.Equal(0, _tier.Count);
    }

    [Fact]
    public async Task Values_that_are_not_entries_of_the_user_are_counted_and_read_from_the_store()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15, entry => entry with { Source = "other" });
        var otherLog = await instance.GetAsync("u1");
        instance.Evict("u1");
        _tier.OnlyValue = new byte[100];
        var damaged = await instance.GetAsync("u1");

        Assert.Equal((1, 1), (otherLog.Version(), damaged.Version()));
        Assert.Equal((2L, 0L), (instance.Cache.GetStatistics().SharedTier!.Unusable, instance.Cache.GetStatistics().SharedTier!.Missing));
    }

    [Fact]
    public async Task Entry_of_another_document_shape_is_not_used_even_if_the_tier_returns_it_for_another_key()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        var other = new SharedTierKeys(FakeTier.Log, _tier.Options.Shape with { HiddenFields = ["/phone"] });
        _tier.Offer(instance, "u1", 9, 12, 15, entry => entry with { Source = other.Source });

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
        Assert.Equal(1, instance.Cache.GetStatistics().SharedTier!.Unusable);
    }

    [Fact]
    public async Task Tier_is_not_used_as_long_as_the_log_is_not_known()
    {
        await using var instance = new Instance(sharedTier: _tier.Options with { LogIdentity = _ => null });
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();

        await instance.GetAsync("u1");

        Assert.Equal((0, 0), (_tier.Reads, _tier.Count));
    }

    [Fact]
    public async Task Eviction_by_an_administrator_deletes_the_entry_before_the_feed_has_shown_the_partition()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        _tier.Offer(instance, "u1", 9, 12, 15);

        instance.Cache.Evict(new UserChange(UserKey.Create("u1"), 0, []), EvictionSource.Administrator);

        Assert.Equal(0, _tier.Count);
    }

    [Fact]
    public async Task Recreated_container_does_not_get_entries_of_the_one_before()
    {
        await using var instance = new Instance(sharedTier: _tier.Options with { LogIdentity = log => $"{FakeTier.Log}/{log}" });
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        instance.Database.Recreate();
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Equal((2, false), ((await instance.GetAsync("u1")).Version(), (await instance.GetAsync("u1")).IsFromSharedTier));
        Assert.Equal(2, _tier.Count);
        instance.Cache.Evict(new UserChange(UserKey.Create("u1"), 0, []), EvictionSource.Administrator);
        Assert.Equal(0, _tier.Count); // also that of the log before, which no instance reads
    }

    [Theory]
    [InlineData(true, false, null)]
    [InlineData(false, true, null)]
    [InlineData(false, false, 0)]
    public async Task Request_for_a_read_bypasses_the_tier(bool noCache, bool noStore, int? maxAge)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);

        var read = await instance.GetAsync("u1", new ReadDirectives { NoCache = noCache, NoStore = noStore, MaxAge = maxAge is null ? null : TimeSpan.Zero });

        Assert.Equal((1, 0), (read.Version(), _tier.Reads));
    }

    [Fact]
    public async Task Request_in_a_session_bypasses_the_tier()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };
        Assert.True(SessionToken.TryParse("0:-1#16", out var session));

        var read = await instance.GetAsync("u1", new ReadDirectives { Session = session });

        Assert.Equal((1, 0), (read.Version(), _tier.Reads));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_for_a_read_or_in_a_session_that_joins_a_flight_of_the_tier_is_read_from_the_store(bool noCache)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        Assert.True(SessionToken.TryParse("0:-1#15", out var session));
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var first = instance.GetAsync("u1").AsTask();
        var second = instance.GetAsync("u1", new ReadDirectives { NoCache = noCache, Session = noCache ? null : session }).AsTask();
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };
        gate.SetResult();

        Assert.Equal((9, 1), ((await first).Version(), (await second).Version()));
    }

    [Fact]
    public async Task Tier_that_does_not_respond_costs_its_time_limit()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.BeforeReturn = token => Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);

        var reader = instance.GetAsync("u1").AsTask();
        await instance.SettleAsync();
        Assert.False(reader.IsCompleted);
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.True(reader.IsCompleted);

        Assert.Equal((1, 1L), ((await reader).Version(), instance.Cache.GetStatistics().SharedTier!.Failures));
    }

    [Fact]
    public async Task Tier_that_fails_is_a_miss()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.BeforeReturn = _ => throw new SharedTierException("down");

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Entry_that_the_feed_has_not_confirmed_lately_is_confirmed_by_a_poll()
    {
        await using var instance = new Instance(new UserCacheOptions { MaxStaleness = TimeSpan.FromSeconds(5) }, sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(2)); // idle
        _tier.Offer(instance, "u1", 9, 12, 15);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };

        var read = await instance.GetAsync("u1");

        Assert.Equal((9, 0), (read.Version(), instance.Database.Reads));
    }

    [Fact]
    public async Task Entry_that_a_poll_does_not_confirm_in_time_is_read_from_the_store()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(2)); // idle
        _tier.Offer(instance, "u1", 9, 12, 15);
        instance.Database.BeforePoll = token => Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 12 };

        var reader = instance.GetAsync("u1").AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal((1, 1), ((await reader).Version(), instance.Database.Reads));
    }

    [Fact]
    public async Task Batch_of_entries_that_the_feed_has_not_confirmed_lately_is_confirmed_by_one_poll_of_each_range()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        foreach (var id in Ids(4))
            await instance.WriteAsync(id, 1);
        await instance.FollowAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(2)); // idle
        foreach (var id in Ids(4))
            _tier.Offer(instance, id, 9, 12, 15);
        var polls = instance.Database.Polls;
        instance.Database.ReplacePositions = positions => [.. positions.Select(position => position with { From = 16, To = 16 })];

        var results = await instance.GetManyAsync(Ids(4));

        Assert.All(results, result => Assert.Equal(9, result.Version()));
        Assert.Equal((0, 2), (instance.Database.ManyReads + instance.Database.Reads, instance.Database.Polls - polls));
    }

    [Fact]
    public async Task Request_that_joins_judges_the_entry_by_its_own_bound()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        instance.Database.BeforePoll = token => Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2)); // within the staleness bound
        _tier.Offer(instance, "u1", 9, 12, 15);
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var first = instance.GetAsync("u1").AsTask();
        var second = instance.GetAsync("u1", new ReadDirectives { MaxAge = TimeSpan.FromSeconds(1) }).AsTask();
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };
        gate.SetResult();
        await instance.MoveUntilAsync(second);

        Assert.Equal((9, 1), ((await first).Version(), (await second).Version()));
    }

    [Fact]
    public async Task Abandoned_request_is_not_a_failure_of_the_tier()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Instance.Token);
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.BeforeReturn = token => Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);

        var reader = instance.GetAsync("u1", cancellationToken: caller.Token).AsTask();
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        await instance.SettleAsync();
        Assert.Equal((0L, 0L), (instance.Cache.GetStatistics().SharedTier!.Failures, instance.Cache.GetStatistics().Flights));
    }

    [Fact]
    public async Task Entries_in_flight_take_bytes_of_the_budget_of_reads()
    {
        await using var instance = new Instance(budget: memory => memory with { ReadBytes = 1 }, sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var first = instance.GetAsync("u1").AsTask();
        var other = instance.GetAsync("u3", new ReadDirectives { NoCache = true }).AsTask();
        await instance.SettleAsync();
        Assert.Equal(0, instance.Database.Reads);
        gate.SetResult();

        Assert.Equal((9, -1, 1), ((await first).Version(), (await other).Version(), instance.Database.Reads));
    }

    [Fact]
    public async Task Batch_asks_once_and_reads_the_rest_together()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        foreach (var id in Ids(4))
            await instance.WriteAsync(id, 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);

        var results = await instance.GetManyAsync(Ids(4));

        Assert.Equal([1, 9, 1, 1], results.Select(result => result.Version()));
        Assert.Equal((1, 0, 1, 0), (_tier.ManyReads, _tier.Reads, instance.Database.ManyReads, instance.Database.Reads));
        Assert.Equal(4, _tier.Count);
    }

    [Fact]
    public async Task Request_that_joins_a_flight_of_a_batch_gets_the_entry_of_the_tier()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        foreach (var id in Ids(4))
            await instance.WriteAsync(id, 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var batch = instance.GetManyAsync(Ids(4));
        var joined = instance.GetAsync("u1").AsTask();
        gate.SetResult();
        await instance.SettleAsync();

        Assert.True(joined.IsCompleted);
        Assert.Equal((9, true, 0), ((await joined).Version(), (await joined).IsCollapsed, instance.Database.Reads));
        await batch;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Store_that_refuses_reads_does_not_keep_a_user_from_the_tier_away(bool isBatch)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        instance.Database.Refusal = new UserStoreException(UserStoreFailure.Unavailable, "open");

        Assert.Equal(9, isBatch ? (await instance.GetManyAsync(["u1"]))[0].Version() : (await instance.GetAsync("u1")).Version());
        await Assert.ThrowsAsync<UserStoreException>(() => instance.GetAsync("u3").AsTask());
    }
}
