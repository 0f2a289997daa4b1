using Lookup.Domain.Time;

namespace Lookup.Domain.Freshness;

/// <summary>The freshness state of this instance: its clock, the epoch of the feed and the confirmations by the feed.</summary>
/// <remarks>
/// There is one rule. An entry may be served at time t if <c>t − FreshAsOf ≤ MaxStaleness</c>. FreshAsOf is the time at which the entry's
/// read was sent. If the feed covered that read and has been followed without a gap since, it is the time up to which the feed has
/// confirmed all entries, if that is later.
/// </remarks>
public sealed partial class FreshnessTracker
{
    private readonly Lock _gate = new();
    private FeedEpoch _epoch;
    private ICatchUp? _follower;
    private long _lastLookup = FeedEpoch.Never;

    public FreshnessTracker(TimeProvider time)
    {
        Clock = new InstanceClock(time);
        _epoch = new FeedEpoch(1, 0);
    }

    /// <summary>Gets the instance's own time.</summary>
    public InstanceClock Clock { get; }

    /// <summary>Gets the number of the current epoch. It increases with every gap in the feed.</summary>
    public long Epoch => Volatile.Read(ref _epoch).Number;

    /// <summary>Gets a value that indicates whether the feed covers reads that are sent from now on.</summary>
    public bool IsArmed => Volatile.Read(ref _epoch).IsArmed;

    /// <summary>
    /// Gets the time since the feed last confirmed all cached entries, or <see langword="null"/> if the epoch is not armed.
    /// </summary>
    public TimeSpan? ConfirmedAge
    {
        get
        {
            var confirmedAt = Volatile.Read(ref _epoch).ConfirmedAt;
            return confirmedAt == FeedEpoch.Never ? null : TimeSpan.FromTicks(Math.Max(0, Clock.Now - confirmedAt));
        }
    }

    /// <summary>Gets the time of the last lookup on <see cref="Clock"/>, with a resolution of about 0.25 s.</summary>
    internal long LastLookup => Volatile.Read(ref _lastLookup);

    /// <summary>Gets the current epoch.</summary>
    internal FeedEpoch Current => Volatile.Read(ref _epoch);

    /// <summary>
    /// Gets the epoch that covers a read that is about to be sent: the current epoch, or <see langword="null"/> if it is not armed.
    /// </summary>
    internal FeedEpoch? Armed
    {
        get
        {
            var epoch = Volatile.Read(ref _epoch);
            var covers = epoch.IsArmed;
            OnCovering(ref covers);
            return covers ? epoch : null;
        }
    }

    /// <summary>
    /// Ends the epoch because a change may have been missed. Every cached entry must then be confirmed by a read of its own. The feed
    /// continues from its current positions in a new epoch, which is armed when each range has been polled to its end again.
    /// </summary>
    public void EndEpoch()
    {
        lock (_gate)
            Begin_NeedsLock(_epoch.RangeCount);
    }

    /// <summary>Begins an epoch for a feed that was restarted.</summary>
    internal FeedEpoch BeginEpoch(int rangeCount)
    {
        lock (_gate)
            return Begin_NeedsLock(rangeCount);
    }

    /// <summary>Records that the poll of a range, sent at the given time in the given epoch, returned "no more changes".</summary>
    /// <returns><see langword="true"/> if the poll armed the epoch; otherwise, <see langword="false"/>.</returns>
    internal bool Confirm(FeedEpoch epoch, int range, long sentAt)
    {
        // A poll that was sent before the epoch began proves nothing about it, because the gap may be in between.
        lock (_gate)
            return ReferenceEquals(epoch, _epoch) && epoch.Confirm_NeedsLock(range, sentAt);
    }

    internal void Connect(ICatchUp follower) => Volatile.Write(ref _follower, follower);

    /// <summary>Records a lookup, which keeps the feed from being paused.</summary>
    internal void NoteLookup(long now)
    {
        // There are millions of hits on every core, so the shared field is written about four times a second, not by each hit.
        if (now - Volatile.Read(ref _lastLookup) > TimeSpan.TicksPerSecond / 4)
            Volatile.Write(ref _lastLookup, now);
    }

    /// <summary>Resumes polling, because an entry was stored that the feed must confirm.</summary>
    internal void NoteStored() => Volatile.Read(ref _follower)?.Wake();

    /// <summary>Polls every range once, or joins the polls in progress, and waits for the result until the timeout at the latest.</summary>
    internal ValueTask CatchUpAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        Volatile.Read(ref _follower)?.CatchUpAsync(timeout, cancellationToken) ?? ValueTask.CompletedTask;

    private FeedEpoch Begin_NeedsLock(int rangeCount)
    {
        var ended = _epoch;
        ended.End_NeedsLock();
        var begun = new FeedEpoch(ended.Number + 1, rangeCount);
        OnBegun(ended, begun);
        Volatile.Write(ref _epoch, begun);
        return begun;
    }

    // Hooks for the mutants of the simulation (tests/Simulation.Mutants). The compiler removes calls to hooks without an implementation.
    partial void OnCovering(ref bool covers);

    partial void OnBegun(FeedEpoch ended, FeedEpoch begun);
}
