using CsCheck;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests of the format of snapshots, and of their exchange in a tier that can lose and damage them.</summary>
public sealed class FeedSnapshotTests
{
    private const string Source = "account/database/container/LatestVersion";

    private static readonly Gen<string> AnyText = Gen.String[1, 20];

    private static readonly Gen<RangeSnapshot> AnyRange =
        from name in AnyText
        from token in AnyText
        from partition in Gen.String[0, 20]
        from version in Gen.Long
        from lsn in Gen.Long[1, long.MaxValue]
        from coveredFrom in Gen.Long[1, long.MaxValue]
        from size in Gen.Int[0, 6]
        from lsns in Gen.OneOf(Gen.Const(0L), Gen.Long[1, long.MaxValue]).Array[1 << size]
        from confirmedAt in Gen.Long[0, DateTime.MaxValue.Ticks]
        select new RangeSnapshot(name, token, partition, version, lsn, coveredFrom, lsns, new DateTime(confirmedAt, DateTimeKind.Utc));

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeTier _tier = new();

    public FeedSnapshotTests() => _tier.Time = _time;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Snapshot_is_the_same_after_writing_and_reading() => AnyRange.Array[0, 5].Sample(ranges =>
    {
        var read = FeedSnapshotFormat.TryRead(FeedSnapshotFormat.Write(new FeedSnapshot(Source, ranges)), Source)!;

        Assert.Equal(ranges.Select(range => range with { Lsns = [] }), read.Ranges.Select(range => range with { Lsns = [] }));
        Assert.Equal(ranges.SelectMany(range => range.Lsns), read.Ranges.SelectMany(range => range.Lsns));
    });

    [Fact]
    public void Value_with_one_changed_byte_is_refused() =>
        Gen.Select(AnyRange.Array[0, 3], Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((ranges, at, change) =>
        {
            var value = FeedSnapshotFormat.Write(new FeedSnapshot(Source, ranges))!;
            value[at % value.Length] ^= change;

            Assert.Null(FeedSnapshotFormat.TryRead(value, Source));
        });

    [Fact]
    public void Value_that_is_cut_longer_or_of_another_source_is_refused() =>
        Gen.Select(AnyRange.Array[0, 3], Gen.Int[0, int.MaxValue], Gen.Byte).Sample((ranges, at, more) =>
        {
            var value = FeedSnapshotFormat.Write(new FeedSnapshot(Source, ranges))!;

            Assert.Null(FeedSnapshotFormat.TryRead(value.AsSpan(0, at % value.Length), Source));
            Assert.Null(FeedSnapshotFormat.TryRead([.. value, more], Source));
            Assert.Null(FeedSnapshotFormat.TryRead(value, Source + "2"));
        });

    [Fact]
    public void Snapshot_that_would_be_too_long_has_fewer_elements_which_are_never_lower()
    {
        var random = new Random(1);
        var ranges = Enumerable.Range(0, 50)
            .Select(i => Range($"{i}") with { Lsns = [.. Enumerable.Range(0, LsnSketches.MaxElements).Select(_ => random.NextInt64(1, long.MaxValue))] })
            .ToArray();

        var value = FeedSnapshotFormat.Write(new FeedSnapshot(Source, ranges))!;

        Assert.InRange(value.Length, FeedSnapshotFormat.MaxBytes / 4, FeedSnapshotFormat.MaxBytes);
        var read = FeedSnapshotFormat.TryRead(value, Source)!.Ranges;
        Assert.Equal(50, read.Count);
        foreach (var (range, original) in read.Zip(ranges))
        {
            var highest = new long[range.Lsns.Count];
            for (var i = 0; i < original.Lsns.Count; i++)
                highest[i % highest.Length] = Math.Max(highest[i % highest.Length], original.Lsns[i]);
            Assert.Equal(highest, range.Lsns);
        }
    }

    [Fact]
    public async Task Written_snapshot_is_loaded()
    {
        await RunAsync(NewExchange(), Range("0"));

        Assert.Equal("0", Assert.Single(await NewExchange().LoadAsync(Source, Token)).Range);
        Assert.Empty(await NewExchange().LoadAsync(Source + "2", Token));
    }

    [Theory]
    [InlineData(-599, true)]
    [InlineData(-601, false)] // reading the changes since takes too long
    [InlineData(59, true)]
    [InlineData(61, false)] // a clock is wrong
    public async Task Snapshot_that_is_too_old_is_not_loaded(int seconds, bool isLoaded)
    {
        await RunAsync(NewExchange(), Range("0") with { ConfirmedAt = _time.GetUtcNow().UtcDateTime + FeedSnapshots.Interval + TimeSpan.FromSeconds(seconds) });

        Assert.Equal(isLoaded, await NewExchange().LoadAsync(Source, Token) is [_]);
    }

    [Fact]
    public async Task Ranges_that_an_instance_does_not_follow_are_kept_and_the_latest_wins()
    {
        var now = _time.GetUtcNow().UtcDateTime + FeedSnapshots.Interval;
        await RunAsync(NewExchange(), Range("0") with { ConfirmedAt = now, Lsn = 7 }, Range("1") with { ConfirmedAt = now, Lsn = 8 });
        await RunAsync(NewExchange(), Range("0") with { ConfirmedAt = now.AddSeconds(-1), Lsn = 5 }, Range("2") with { ConfirmedAt = now, Lsn = 9 });

        Assert.Equal([("0", 7), ("1", 8), ("2", 9)], (await NewExchange().LoadAsync(Source, Token)).Select(range => (range.Range, range.Lsn)).Order());
    }

    [Fact]
    public async Task One_instance_writes_in_an_interval()
    {
        var (first, second) = (NewExchange(), NewExchange());
        using var stop = new CancellationTokenSource();
        Task[] running = [first.RunAsync(() => new FeedSnapshot(Source, [Range("0")]), stop.Token), second.RunAsync(() => new FeedSnapshot(Source, [Range("0")]), stop.Token)];

        _time.Advance(FeedSnapshots.Interval);

        Assert.Equal((1, 0), (first.Written, second.Written));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(running));
    }

    [Fact]
    public async Task Instance_without_a_snapshot_does_not_take_the_turn_of_another()
    {
        var (without, with) = (NewExchange(), NewExchange());
        using var stop = new CancellationTokenSource();
        Task[] running = [without.RunAsync(() => null, stop.Token), with.RunAsync(() => new FeedSnapshot(Source, [Range("0")]), stop.Token)];

        _time.Advance(FeedSnapshots.Interval);

        Assert.Equal((0, 1), (without.Written, with.Written));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(running));
    }

    [Fact]
    public async Task Load_of_a_tier_that_hangs_ends_after_a_second()
    {
        _tier.BeforeReturn = token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
        var exchange = NewExchange();

        var loading = exchange.LoadAsync(Source, Token).AsTask();
        _time.Advance(FeedSnapshots.Limit - TimeSpan.FromTicks(1));
        Assert.False(loading.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Empty(await loading);
        Assert.Equal(1, exchange.Failures);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Tier_that_is_not_open_is_not_used(bool fails, int failures)
    {
        var exchange = new FeedSnapshots(_tier, _ => fails ? throw new SharedTierException("down") : Task.FromResult(false), _time);

        Assert.Empty(await exchange.LoadAsync(Source, Token));
        Assert.Equal((failures, 0), (exchange.Failures, _tier.Reads));
    }

    [Fact]
    public async Task Failures_do_not_end_the_writer()
    {
        var exchange = NewExchange();
        using var stop = new CancellationTokenSource();
        var fails = true;
        var running = exchange.RunAsync(() => fails ? throw new InvalidOperationException() : new FeedSnapshot(Source, [Range("0")]), stop.Token);
        _time.Advance(FeedSnapshots.Interval);
        fails = false;

        _time.Advance(FeedSnapshots.Interval);

        Assert.Equal((1, 1), (exchange.Failures, exchange.Written));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private FeedSnapshots NewExchange() => new(_tier, _ => Task.FromResult(true), _time);

    private RangeSnapshot Range(string name) => new(name, "token", name, -1, 10, 5, [0, 7], _time.GetUtcNow().UtcDateTime);

    /// <summary>Lets an exchange write once.</summary>
    private async Task RunAsync(FeedSnapshots exchange, params RangeSnapshot[] ranges)
    {
        using var stop = new CancellationTokenSource();
        var running = exchange.RunAsync(() => new FeedSnapshot(Source, ranges), stop.Token);
        _time.Advance(FeedSnapshots.Interval);
        Assert.Equal(1, exchange.Written);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
