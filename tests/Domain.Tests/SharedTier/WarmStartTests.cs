using Lookup.Contracts;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>
/// Tests of an instance that starts from the snapshot of another one. The other one has followed the partition of u1 from LSN 5 to LSN 10, which is
/// also the LSN of u1's version 1 in the store. A result with version 9 is from the tier.
/// </summary>
public sealed class WarmStartTests
{
    private const string User = "u1";
    private const string Range = "0";

    private static readonly UserKey Key = UserKey.Create(User);

    private readonly FakeTier _tier = new();
    private readonly FakeSnapshots _snapshots = new();
    private readonly FakeDatabase _database = new();

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public async Task Entry_from_before_the_start_is_accepted_if_the_other_instance_covered_it(long asOf, bool isAccepted)
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        await instance.FollowAsync();
        _tier.Offer(instance, User, 9, 3, asOf);

        Assert.Equal((isAccepted ? 9 : 1, 1), ((await instance.GetAsync(User)).Version(), instance.ResumedRanges));
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    public async Task Entry_that_is_older_than_what_the_other_instance_knows_is_refused(long asOf, bool isAccepted)
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot(known: 8));
        await instance.FollowAsync();
        _tier.Offer(instance, User, 9, 3, asOf);

        Assert.Equal(isAccepted ? 9 : 1, (await instance.GetAsync(User)).Version());
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public async Task Changes_since_the_snapshot_are_read(long asOf, bool isAccepted)
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        await instance.WriteAsync(User, 1); // LSN 11
        await instance.FollowAsync();
        _tier.Offer(instance, User, 9, 3, asOf);

        Assert.Equal(isAccepted ? 9 : 1, (await instance.GetAsync(User)).Version());
    }

    /// <summary>When the range that is polled first ends, the partition of the other one is known from a read and from its snapshot only.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Ranges_are_restored_in_any_order(string last)
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.AddRange([Snapshot(), new RangeSnapshot("1", FakeDatabase.TokenOf("1", 1), "1", -1, 1, 1, [1], default)]);
        await instance.GetAsync(last == Range ? "u3" : "u2");
        var gate = new TaskCompletionSource();
        _database.BeforePollOf = (range, _) => range == last ? gate.Task : Task.CompletedTask;
        instance.Follow();
        await instance.SettleAsync();
        gate.SetResult();
        await Instance.UntilAsync(() => instance.Freshness.IsArmed);
        _tier.Offer(instance, User, 9, 3, 5);

        Assert.Equal((9, 2), ((await instance.GetAsync(User)).Version(), instance.ResumedRanges));
    }

    [Theory]
    [InlineData("other", -1)]
    [InlineData("0", -2)]
    [InlineData("0", 7)] // a version that the store does not have yet, or never has
    public async Task Snapshot_of_another_partition_or_version_restores_nothing(string partition, long version)
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot() with { PartitionId = partition, PartitionVersion = version });
        instance.Follow();
        await instance.AdvanceUntilAsync(() => instance.Freshness.IsArmed);

        await AssertRefusedAsync(instance);
    }

    /// <summary>The other instance has read ahead of its feed, or its LSNs are wrong.</summary>
    [Fact]
    public async Task LSNs_above_the_first_end_are_not_taken_over()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot(known: 1_000_000));
        await instance.FollowAsync();
        Assert.Equal(10, instance.Follower.TakeSnapshot()!.Ranges[0].Lsns[ElementOf(Key)]);
        _tier.Offer(instance, User, 9, 3, 10);

        Assert.Equal(9, (await instance.GetAsync(User)).Version());
    }

    [Theory]
    [InlineData("1", "0:10")] // of another range
    [InlineData("0", "1:10")]
    [InlineData("0", "")]
    public async Task Position_of_another_range_is_not_continued(string range, string token)
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot() with { Range = range, Token = token });
        await instance.FollowAsync();

        Assert.Equal(0, instance.ResumedRanges);
        await AssertRefusedAsync(instance);
    }

    /// <summary>A replica that lags behind the snapshot is asked again, but not for ever.</summary>
    [Fact]
    public async Task Position_that_no_replica_reaches_is_given_up()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot() with { Lsn = 1_000 });
        instance.Follow();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.False(instance.Freshness.IsArmed);

        await instance.AdvanceUntilAsync(() => instance.Freshness.IsArmed);

        Assert.Equal(0, instance.Gaps);
        await AssertRefusedAsync(instance);
    }

    [Fact]
    public async Task Replica_that_lags_behind_the_snapshot_is_asked_again()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        _database.ReplacePage = page =>
        {
            _database.ReplacePage = null;
            return page with { Position = page.Position with { Lsn = 9 } };
        };
        instance.Follow();
        await instance.AdvanceUntilAsync(() => instance.Freshness.IsArmed);
        _tier.Offer(instance, User, 9, 3, 5);

        Assert.Equal(9, (await instance.GetAsync(User)).Version());
    }

    [Fact]
    public async Task Gap_before_the_first_end_restores_nothing()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        _database.BeforePollOf = (range, _) =>
        {
            if (range != Range)
                return Task.CompletedTask;
            _database.BeforePollOf = null;
            throw new FeedGapException("The position is too old.");
        };
        instance.Follow();
        await instance.AdvanceUntilAsync(() => instance.Freshness.IsArmed);

        Assert.Equal((1, 1), (instance.Gaps, _database.Starts)); // the range is restarted, not the feed
        await AssertRefusedAsync(instance);
    }

    [Fact]
    public async Task Epoch_that_ends_before_the_first_end_restores_nothing()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        _database.Unreadable = 1;
        instance.Follow();
        await instance.AdvanceUntilAsync(() => instance.Freshness.IsArmed);

        await AssertRefusedAsync(instance);
    }

    [Fact]
    public async Task Page_without_a_position_restores_nothing()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        await instance.WriteAsync("u3", 1);
        _database.ReplacePage = page =>
        {
            _database.ReplacePage = null;
            return page with { Position = default };
        };
        instance.Follow();
        await instance.AdvanceUntilAsync(() => instance.Freshness.IsArmed);
        await instance.GetAsync("u5");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(11, instance.Follower.TakeSnapshot()!.Ranges[0].CoveredFrom);

        await AssertRefusedAsync(instance, asOf: 9);
    }

    /// <summary>A replica that lags can end the first poll before a result that was returned.</summary>
    [Fact]
    public async Task End_that_is_below_a_result_restores_nothing()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        _database.ReplaceResult = (_, read) => read with { Lsn = 12 };
        await instance.GetAsync("u3");
        _database.ReplaceResult = null;
        await instance.FollowAsync();

        await AssertRefusedAsync(instance, asOf: 9);
    }

    [Fact]
    public async Task Feed_that_is_started_again_starts_from_now()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        await instance.FollowAsync();
        await instance.GetAsync(User);
        _database.Recreate();
        await instance.AdvanceUntilAsync(() => _database.Starts == 2 && instance.Freshness.IsArmed);

        Assert.Equal((1, 1), (_snapshots.Loads, instance.ResumedRanges));
    }

    [Fact]
    public async Task Instance_without_a_tier_loads_no_snapshot()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot());
        await instance.FollowAsync();

        Assert.Equal((0, 0), (_snapshots.Loads, instance.ResumedRanges));
    }

    [Fact]
    public async Task Snapshot_contains_the_position_and_everything_that_was_shown_before()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options));
        await instance.FollowAsync();
        await instance.GetAsync("u3");
        await instance.WriteAsync(User, 1); // LSN 11
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));

        var snapshot = instance.Follower.TakeSnapshot()!;

        Assert.Equal((await _database.StartAsync(Instance.Token)).Source, snapshot.Source);
        Assert.Equal(["0", "1"], snapshot.Ranges.Select(range => range.Range));
        var range = snapshot.Ranges[0];
        Assert.Equal(("0", -1, 11, 10, FakeDatabase.TokenOf("0", 11)), (range.PartitionId, range.PartitionVersion, range.Lsn, range.CoveredFrom, range.Token));
        Assert.Equal(11, range.Lsns[ElementOf(Key)]);
        Assert.InRange(instance.Time.GetUtcNow().UtcDateTime - range.ConfirmedAt, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Range_that_is_not_followed_without_a_gap_is_not_in_the_snapshot()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options));
        Assert.Null(instance.Follower.TakeSnapshot());
        await instance.FollowAsync();
        await instance.GetAsync("u3");
        _database.ReplacePage = page => page.Position.Partition?.Id == Range ? page with { Position = default } : page;
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(["1"], instance.Follower.TakeSnapshot()!.Ranges.Select(range => range.Range));

        _database.ReplacePage = null;
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(2, instance.Follower.TakeSnapshot()!.Ranges.Count);
        instance.Freshness.EndEpoch();
        Assert.Null(instance.Follower.TakeSnapshot());
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        instance.Cache.Clear();
        Assert.Null(instance.Follower.TakeSnapshot());
    }

    /// <summary>The partition of a range can change after its position was taken.</summary>
    [Fact]
    public async Task Position_in_another_partition_is_not_combined_with_the_coverage()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options));
        await instance.FollowAsync();

        RangeSnapshot? Take(LogPartition partition) =>
            instance.Freshness.Coverage!.TakeSnapshot(0, new LogPosition(partition, 10), Range, "token", default);

        Assert.NotNull(Take(_database.PartitionOf(User)));
        Assert.Null(Take(_database.PartitionOf(User) with { Version = 7 }));
    }

    [Fact]
    public async Task Restored_coverage_is_handed_on()
    {
        await using var instance = await WriteAsync(new Instance(database: _database, sharedTier: _tier.Options, snapshots: _snapshots));
        _snapshots.Ranges.Add(Snapshot(known: 8));
        await instance.FollowAsync();

        var range = instance.Follower.TakeSnapshot()!.Ranges[0];

        Assert.Equal((5, 10, 8), (range.CoveredFrom, range.Lsn, range.Lsns[ElementOf(Key)]));
    }

    /// <summary>Writes version 1 of u1 ten times, the last time at LSN 10, and a user of the other range.</summary>
    private static async Task<Instance> WriteAsync(Instance instance)
    {
        for (var i = 0; i < 10; i++)
            await instance.WriteAsync(User, 1);
        await instance.WriteAsync("u2", 1);
        return instance;
    }

    private static RangeSnapshot Snapshot(long known = 0)
    {
        var lsns = new long[LsnSketches.MaxElements];
        lsns[ElementOf(Key)] = known;
        return new RangeSnapshot(Range, FakeDatabase.TokenOf(Range, 10), Range, -1, 10, 5, lsns, default);
    }

    private static int ElementOf(UserKey key) => (int)(LsnSketches.HashOf(key.CacheKey) >> 32) & (LsnSketches.MaxElements - 1);

    private async Task AssertRefusedAsync(Instance instance, long asOf = 6)
    {
        _tier.Offer(instance, User, 9, 3, asOf);
        Assert.Equal(1, (await instance.GetAsync(User)).Version());
        Assert.Equal(1, instance.Cache.GetStatistics().SharedTier!.Refused);
    }

    private sealed class FakeSnapshots : IFeedSnapshots
    {
        public List<RangeSnapshot> Ranges { get; } = [];

        public int Loads { get; private set; }

        public ValueTask<IReadOnlyList<RangeSnapshot>> LoadAsync(string source, CancellationToken cancellationToken)
        {
            Loads++;
            return ValueTask.FromResult<IReadOnlyList<RangeSnapshot>>(Ranges);
        }
    }
}
