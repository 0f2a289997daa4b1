namespace Lookup.Domain.Time;

/// <summary>
/// The instance's own time: ticks of 100 ns since it started, in which the time between two readings is the greater of what the
/// monotonic clock and the wall clock say.
/// </summary>
/// <remarks>
/// A monotonic clock may stand still while the machine is suspended; a wall clock may be set back. Neither may make an entry look
/// younger than it is, so whichever moved more counts. A wall clock that is set forward only ages entries before their time.
/// </remarks>
public sealed class InstanceClock
{
    /// <summary>By how much the two clocks may drift apart before it is looked into. A drift below it is not counted.</summary>
    private const long Tolerance = TimeSpan.TicksPerMillisecond;

    /// <summary>
    /// By how much the coarse clock may be behind the monotonic one: a timer tick of 100 Hz, the slowest in use, and the millisecond it
    /// is rounded down to.
    /// </summary>
    internal const long Coarseness = 11 * TimeSpan.TicksPerMillisecond;

    private readonly TimeProvider _time;
    private readonly ICoarseClock? _coarse;
    private readonly long _timestampOrigin;
    private readonly long _coarseOrigin;
    private readonly long _wallOrigin;
    private readonly Lock _gate = new();

    private long _wallOffset; // wall clock minus monotonic clock, when last looked into
    private long _suspended; // what the wall clock moved more than the monotonic clock, all told

    public InstanceClock(TimeProvider time)
    {
        _time = time;
        _coarse = time as ICoarseClock ?? SystemCoarseClock.For(time);
        _timestampOrigin = time.GetTimestamp();
        _coarseOrigin = time.GetElapsedTime(0, _timestampOrigin).Ticks;
        _wallOrigin = time.GetUtcNow().UtcTicks;
    }

    /// <summary>The present reading; never lower than an earlier one.</summary>
    public long Now
    {
        get
        {
            // The monotonic clock is read last: a thread that loses the processor in between then sees a lead too small,
            // never one too large, and time is not counted twice.
            var wall = Wall();
            var monotonic = Monotonic();
            var drift = wall - monotonic - Volatile.Read(ref _wallOffset);
            return drift is >= -Tolerance and <= Tolerance
                ? monotonic + Volatile.Read(ref _suspended)
                : Reconcile();
        }
    }

    /// <summary>
    /// The present reading for a hit, at half the price: never lower than <see cref="Now"/> would be, and higher by 24 ms at most.
    /// </summary>
    /// <remarks>
    /// The wall clock is read, and a coarse monotonic clock vouches that it was not set back. A sleep shows in the wall clock, as in
    /// <see cref="Now"/>. What the coarse clock cannot tell is counted as time that has passed.
    /// </remarks>
    internal long CoarseNow
    {
        get
        {
            if (_coarse is null)
                return Now;

            // What the monotonic clock would say, as long as both clocks move alike. The lead is read before what was slept, as in Now.
            var monotonic = Wall() - Volatile.Read(ref _wallOffset);
            var ahead = monotonic - (_coarse.Ticks - _coarseOrigin);
            return ahead is >= -Tolerance and <= Coarseness + Tolerance
                ? monotonic + Coarseness + Tolerance + Volatile.Read(ref _suspended)
                : Now;
        }
    }

    /// <summary>
    /// What has passed for certain: the monotonic clock alone. For what must not end early: a wall clock that is set forward would
    /// end it before its time.
    /// </summary>
    internal long MonotonicNow => Monotonic();

    private long Reconcile()
    {
        lock (_gate)
        {
            var before = Monotonic();
            var wall = Wall();
            var after = Monotonic();

            // The true lead lies between wall − after and wall − before.
            if (wall - after > _wallOffset)
            {
                // _suspended first: whoever sees the new lead without the lock must see the time that goes with it.
                Volatile.Write(ref _suspended, _suspended + (wall - after - _wallOffset));
                Volatile.Write(ref _wallOffset, wall - after);
            }
            else if (wall - before < _wallOffset)
            {
                Volatile.Write(ref _wallOffset, wall - before);
            }

            return after + _suspended;
        }
    }

    private long Monotonic() => _time.GetElapsedTime(_timestampOrigin, _time.GetTimestamp()).Ticks;

    private long Wall() => _time.GetUtcNow().UtcTicks - _wallOrigin;
}
