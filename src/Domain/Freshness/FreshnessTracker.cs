using Lookup.Domain.Time;

namespace Lookup.Domain.Freshness;

/// <summary>The freshness state of this instance: its clock, the epochs of the feed ranges and the confirmations by the feed.</summary>
/// <remarks>
/// There is one rule. An entry may be served at time t if <c>t − FreshAsOf ≤ MaxStaleness</c>. FreshAsOf is the time at which the entry's
/// read was sent. If the feed covered that read and the entry's range has been followed without a gap since, it is the time up to which the
/// feed has confirmed the range, if that is later. If the feed does not show deletes, a read or the feed must also have shown the user within
/// the last <c>MaxUnseenDelete</c>. An item with a time to live ends with that.
/// </remarks>
public sealed partial class FreshnessTracker
{
    /// <summary>The staleness bound of a cache that sets no other, in ticks.</summary>
    internal const long DefaultMaxStaleness = 5 * TimeSpan.TicksPerSecond;

    private const long LookupResolution = TimeSpan.TicksPerSecond / 4;

    private readonly Lock _gate = new();
    private FeedEpochs _epochs = FeedEpochs.None;
    private RangePartitions _partitions = new(0);
    private long _number = 1;
    private bool _isPartitioned = true;
    private ICatchUp? _follower;
    private long _lastLookup = FeedEpoch.Never;

    public FreshnessTracker(TimeProvider time) => Clock = new InstanceClock(time);

    /// <summary>Gets the instance's own time.</summary>
    public InstanceClock Clock { get; }

    /// <summary>Gets the number of the latest epoch. It increases with every gap in a feed range.</summary>
    public long Epoch => Volatile.Read(ref _number);

    /// <summary>Gets a value that indicates whether the feed covers all reads that are sent from now on, of every range.</summary>
    public bool IsArmed => Current.All.IsArmed;

    /// <summary>
    /// Gets the time since the feed last confirmed all cached entries, or <see langword="null"/> if a range is not armed.
    /// </summary>
    public TimeSpan? ConfirmedAge
    {
        get
        {
            var confirmedAt = Current.All.ConfirmedAt;
            return confirmedAt == FeedEpoch.Never ? null : TimeSpan.FromTicks(Math.Max(0, Clock.Now - confirmedAt));
        }
    }

    /// <summary>Gets or sets the staleness bound of the cache, in ticks. It is set before the feed is started.</summary>
    internal long MaxStaleness { get; set; } = DefaultMaxStaleness;

    /// <summary>
    /// Gets the latest time on <see cref="Clock"/> at which the last lookup can have been. Lookups are recorded with a resolution of
    /// <see cref="LookupResolution"/>.
    /// </summary>
    internal long LastLookup => Volatile.Read(ref _lastLookup) + LookupResolution;

    /// <summary>Gets or sets the coverage of the ranges, or <see langword="null"/> if no tier is shared. It is set before the feed is started.</summary>
    internal FeedCoverage? Coverage { get; set; }

    /// <summary>Gets the current epochs.</summary>
    internal FeedEpochs Current => Volatile.Read(ref _epochs);

    /// <summary>
    /// Ends the epochs of all ranges because changes may have been missed. Every cached entry must then be confirmed by a read of its own.
    /// The feed continues from its current positions in new epochs, each of which is armed when its range has been polled to its end again.
    /// </summary>
    public void EndEpoch()
    {
        lock (_gate)
            Begin_NeedsLock(_epochs.Partitioner, _epochs.Count);
    }

    /// <summary>
    /// Ends the epoch of one range because a change in it may have been missed, and with it the epoch of all ranges. Has no effect if it has
    /// ended already.
    /// </summary>
    internal void EndEpoch(FeedEpoch epoch)
    {
        lock (_gate)
        {
            if (!_epochs.Contains(epoch))
                return;

            var begun = new FeedEpoch(_number + 1, epoch.Range, epoch.Account);
            var all = new FeedEpoch(_number + 1, FeedEpoch.AllRanges, _epochs.All.Account);
            epoch.End_NeedsLock();
            _epochs.All.End_NeedsLock();
            OnBegun(epoch, begun);
            OnBegun(_epochs.All, all);
            Set_NeedsLock(_epochs.With(begun, all));
        }
    }

    /// <summary>Begins epochs for a feed that was started.</summary>
    /// <param name="partitioner">The division of the users among the ranges, or <see langword="null"/> if it is not known.</param>
    /// <param name="rangeCount">The number of feed ranges.</param>
    internal void BeginEpochs(IFeedPartitioner? partitioner, int rangeCount)
    {
        lock (_gate)
        {
            Volatile.Write(ref _partitions, new RangePartitions(rangeCount));
            Coverage?.Begin(rangeCount);
            Begin_NeedsLock(_isPartitioned ? partitioner : null, rangeCount);
        }
    }

    /// <summary>Prepares to restore what another instance knows of a range, before the range is followed from that instance's position.</summary>
    /// <param name="range">The index of the range, whose epoch has just begun.</param>
    /// <param name="partition">The partition of the snapshot.</param>
    /// <param name="snapshot">The snapshot.</param>
    internal void Prepare(int range, LogPartition partition, RangeSnapshot snapshot) => Coverage?.Prepare(Current[range], partition, snapshot);

    /// <summary>
    /// Ends all epochs because the feed returned a user in another range than the partitioner computes. From now on, and also after the
    /// feed is restarted, a user is confirmed only if all ranges are.
    /// </summary>
    internal void AbandonPartitioner()
    {
        lock (_gate)
        {
            _isPartitioned = false;
            Begin_NeedsLock(null, _epochs.Count);
        }
    }

    /// <summary>Records the partition that returned a page of a whole range, or <see langword="null"/> if the range has several.</summary>
    internal void NotePartition(int range, LogPartition? partition)
    {
        // After the partition is visible: a result that was compared with the one before it was returned before that time.
        if (Volatile.Read(ref _partitions).Note(range, partition))
            Coverage?.NoteNamed(range, partition);
    }

    /// <summary>Gets the partitions of all ranges, as far as the feed shows them.</summary>
    internal IReadOnlySet<LogPartition> Followed => Volatile.Read(ref _partitions).All;

    /// <summary>
    /// Gets the partition that contains the users with a partition key value, as far as the feed shows it; <see langword="null"/> if the range
    /// was not polled yet, has split or has merged.
    /// </summary>
    internal LogPartition? PartitionOf(string partitionKey)
    {
        var epochs = Current;
        var partitions = Volatile.Read(ref _partitions);
        if (epochs.Partitioner is { } partitioner)
            return partitions.Of(partitioner.RangeOf(partitionKey));
        return epochs.Count == 1 ? partitions.Of(0) : null;
    }

    /// <summary>
    /// Determines whether all positions are in partitions that the feed shows. If not, one of them may be a child of a partition that the feed
    /// still shows, and it is not known which of the two has returned a user.
    /// </summary>
    internal bool AreInKnownPartitions(ReadOnlySpan<LogSpan> positions)
    {
        var partitions = Volatile.Read(ref _partitions);
        foreach (var position in positions)
        {
            if (!partitions.Contains(position.Partition))
                return false;
        }

        return true;
    }

    /// <summary>Gets the epoch that covers a read of a user that is about to be sent, or <see langword="null"/> if it is not armed.</summary>
    /// <param name="partitionKey">The user's partition key value.</param>
    internal FeedEpoch? ArmedFor(string partitionKey) => IfArmed(Current.Of(partitionKey));

    /// <summary>
    /// Gets the epoch that covers a query of all ranges that is about to be sent, or <see langword="null"/> if it is not armed.
    /// </summary>
    internal FeedEpoch? ArmedForAll() => IfArmed(Current.All);

    /// <summary>Records that a poll, sent at the given time in the given epoch of a range, returned "no more changes".</summary>
    /// <param name="epoch">The epoch in which the poll was sent.</param>
    /// <param name="sentAt">The time at which it was sent.</param>
    /// <param name="positions">The position of each partition of the range at that end, as far as they are known.</param>
    /// <returns>The number of the epoch of all ranges if the poll armed it; otherwise, <see langword="null"/>.</returns>
    internal long? Confirm(FeedEpoch epoch, long sentAt, IEnumerable<LogPosition>? positions = null)
    {
        // A poll that was sent before the epoch began proves nothing about it, because the gap may be in between.
        lock (_gate)
        {
            if (!_epochs.Contains(epoch))
                return null;

            epoch.Confirm_NeedsLock(sentAt, positions ?? []);
            if (Coverage is { } coverage)
                coverage.NoteEnd(epoch, sentAt, positions?.ToArray() is [var end] ? end : default);
            return _epochs.ConfirmAll_NeedsLock() ? _epochs.All.Number : null;
        }
    }

    internal void Connect(ICatchUp follower) => Volatile.Write(ref _follower, follower);

    /// <summary>Records a lookup, which keeps the feed from being paused.</summary>
    internal void NoteLookup(long now)
    {
        // There are millions of hits on every core, so the shared field is written about four times a second, not by each hit.
        if (now - Volatile.Read(ref _lastLookup) > LookupResolution)
            Volatile.Write(ref _lastLookup, now);
    }

    /// <summary>Resumes polling, because an entry was stored that the feed must confirm.</summary>
    internal void NoteStored() => Volatile.Read(ref _follower)?.Wake();

    /// <summary>Gets the account of a range.</summary>
    /// <param name="partitionKey">The partition key value of a user in the range, or <see langword="null"/> for queries by alternate key.</param>
    internal RangeAccount AccountOf(string? partitionKey)
    {
        var epochs = Current;
        return (partitionKey is null ? epochs.All : epochs.Of(partitionKey)).Account;
    }

    /// <summary>Determines whether to poll the ranges of an epoch, instead of reading an entry that a poll could confirm.</summary>
    /// <param name="epoch">The epoch of the entry.</param>
    /// <param name="price">The price of the reads, in request units.</param>
    internal bool Buys(FeedEpoch epoch, double price) => Volatile.Read(ref _follower)?.Buys(epoch.Range, price) ?? false;

    /// <summary>
    /// Polls the ranges of an epoch, or joins the polls in progress, and waits for the result until the timeout at the latest.
    /// </summary>
    internal ValueTask CatchUpAsync(FeedEpoch epoch, TimeSpan timeout, CancellationToken cancellationToken) =>
        Volatile.Read(ref _follower)?.CatchUpAsync(epoch.Range, timeout, cancellationToken) ?? ValueTask.CompletedTask;

    /// <summary>
    /// Polls the ranges of several epochs, or joins the polls in progress, and waits for the results until the timeout at the latest.
    /// </summary>
    internal async ValueTask CatchUpAsync(IReadOnlyCollection<FeedEpoch> epochs, TimeSpan timeout, CancellationToken cancellationToken) =>
        await Task.WhenAll(epochs.Select(epoch => CatchUpAsync(epoch, timeout, cancellationToken).AsTask()));

    private FeedEpoch? IfArmed(FeedEpoch epoch)
    {
        var covers = epoch.IsArmed;
        OnCovering(ref epoch, ref covers);
        return covers ? epoch : null;
    }

    private void Begin_NeedsLock(IFeedPartitioner? partitioner, int rangeCount)
    {
        var number = _number + 1;
        var ranges = new FeedEpoch[rangeCount];
        for (var i = 0; i < rangeCount; i++)
            ranges[i] = new FeedEpoch(number, i, rangeCount == _epochs.Count ? _epochs[i].Account : new RangeAccount(MaxStaleness));
        var all = rangeCount == _epochs.Count ? _epochs.All.Account : new RangeAccount(MaxStaleness);
        var begun = new FeedEpochs(partitioner, ranges, new FeedEpoch(number, FeedEpoch.AllRanges, all));

        _epochs.End_NeedsLock();
        OnBegun(_epochs.All, begun.All);
        for (var i = 0; i < Math.Min(rangeCount, _epochs.Count); i++)
            OnBegun(_epochs[i], begun[i]);
        Set_NeedsLock(begun);
    }

    private void Set_NeedsLock(FeedEpochs epochs)
    {
        Volatile.Write(ref _number, epochs.All.Number);
        Volatile.Write(ref _epochs, epochs);
    }

    // Hooks for the mutants of the simulation (tests/Simulation.Mutants). The compiler removes calls to hooks without an implementation.
    partial void OnCovering(ref FeedEpoch epoch, ref bool covers);

    partial void OnBegun(FeedEpoch ended, FeedEpoch begun);
}
