using Lookup.Domain.Time;

namespace Lookup.Domain.Freshness;

/// <summary>What this instance knows about how fresh its memory is: its clock, the feed's epoch and what confirmed it.</summary>
/// <remarks>
/// There is one rule. An entry may be served at time t where <c>t − FreshAsOf ≤ MaxStaleness</c>, and FreshAsOf is the later of the
/// time its read was sent and, where the feed covered that read and has followed without a gap since, the time to which the feed
/// has confirmed everything.
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

    /// <summary>The instance's own time.</summary>
    public InstanceClock Clock { get; }

    /// <summary>The number of the present epoch: it grows at every gap of the feed.</summary>
    public long Epoch => Volatile.Read(ref _epoch).Number;

    /// <summary>Whether the feed covers what is read from now on.</summary>
    public bool IsArmed => Volatile.Read(ref _epoch).IsArmed;

    /// <summary>How long ago the feed confirmed all that memory holds; <see langword="null"/> while it does not.</summary>
    public TimeSpan? ConfirmedAge
    {
        get
        {
            var confirmedAt = Volatile.Read(ref _epoch).ConfirmedAt;
            return confirmedAt == FeedEpoch.Never ? null : TimeSpan.FromTicks(Math.Max(0, Clock.Now - confirmedAt));
        }
    }

    /// <summary>When the last lookup was noted, on <see cref="Clock"/>; kept to within a second or so.</summary>
    internal long LastLookup => Volatile.Read(ref _lastLookup);

    /// <summary>The present epoch.</summary>
    internal FeedEpoch Current => Volatile.Read(ref _epoch);

    /// <summary>The present epoch where it is armed, for a read that is about to be sent; otherwise none covers that read.</summary>
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
    /// Ends the epoch because a change may have passed unnoticed: whatever memory holds must be confirmed by a read of its own.
    /// The feed goes on from where it is, in a new epoch, which is armed when each range was polled to its end once more.
    /// </summary>
    public void EndEpoch()
    {
        lock (_gate)
            Begin_NeedsLock(_epoch.RangeCount);
    }

    /// <summary>Begins an epoch over a feed that was started anew.</summary>
    internal FeedEpoch BeginEpoch(int rangeCount)
    {
        lock (_gate)
            return Begin_NeedsLock(rangeCount);
    }

    /// <summary>Notes that the poll of a range, sent at the given time in the given epoch, came back «no more changes».</summary>
    /// <returns>Whether that armed the epoch.</returns>
    internal bool Confirm(FeedEpoch epoch, int range, long sentAt)
    {
        // A poll that was sent before the epoch began says nothing about it: the gap may lie in between.
        lock (_gate)
            return ReferenceEquals(epoch, _epoch) && epoch.Confirm_NeedsLock(range, sentAt);
    }

    internal void Connect(ICatchUp follower) => Volatile.Write(ref _follower, follower);

    /// <summary>Notes that somebody looks users up, so the feed is worth following.</summary>
    internal void NoteLookup(long now)
    {
        // Hits come by the million on every core: the shared field is written once in a while, not by each of them.
        if (now - Volatile.Read(ref _lastLookup) > TimeSpan.TicksPerSecond / 4)
            Volatile.Write(ref _lastLookup, now);
    }

    /// <summary>Notes that memory holds something to be confirmed.</summary>
    internal void NoteStored() => Volatile.Read(ref _follower)?.Wake();

    /// <summary>Polls every range once, or joins those who do, and waits for that at most until the timeout.</summary>
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

    // Hooks for the known-bad variants of the simulation (tests/Simulation.Mutants). Calls to a hook that has no implementation are not compiled.
    partial void OnCovering(ref bool covers);

    partial void OnBegun(FeedEpoch ended, FeedEpoch begun);
}
