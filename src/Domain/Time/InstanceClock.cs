namespace Lookup.Domain.Time;

/// <summary>
/// The instance's own time, in ticks of 100 ns since it started. The time between two readings is the time elapsed on the monotonic clock
/// or on the wall clock, whichever is greater.
/// </summary>
/// <remarks>
/// A monotonic clock can stand still while the machine is suspended, and a wall clock can be set back. Neither may make an entry appear
/// younger than it is, so the clock that advanced more counts. If the wall clock is set forward, entries only age early.
/// </remarks>
public sealed class InstanceClock
{
    /// <summary>The drift between the two clocks up to which it is ignored. A greater drift is reconciled.</summary>
    private const long Tolerance = TimeSpan.TicksPerMillisecond;

    /// <summary>
    /// The maximum time by which the coarse clock is behind the monotonic clock: a timer tick of 100 Hz, the slowest in use, and the
    /// millisecond to which the clock is rounded down.
    /// </summary>
    internal const long Coarseness = 11 * TimeSpan.TicksPerMillisecond;

    private readonly TimeProvider _time;
    private readonly ICoarseClock? _coarse;
    private readonly long _timestampOrigin;
    private readonly long _coarseOrigin;
    private readonly long _wallOrigin;
    private readonly Lock _gate = new();

    private long _wallOffset; // wall clock minus monotonic clock, at the last reconciliation
    private long _suspended; // total time by which the wall clock has run ahead of the monotonic clock

    public InstanceClock(TimeProvider time)
    {
        _time = time;
        _coarse = time as ICoarseClock ?? SystemCoarseClock.For(time);
        _timestampOrigin = time.GetTimestamp();
        _coarseOrigin = time.GetElapsedTime(0, _timestampOrigin).Ticks;
        _wallOrigin = time.GetUtcNow().UtcTicks;
    }

    /// <summary>Gets the current time. It is never lower than an earlier reading.</summary>
    public long Now
    {
        get
        {
            // The monotonic clock is read last. A thread that is preempted between the two reads then sees an offset that is too small,
            // never one that is too large, so time is not counted twice.
            var wall = Wall();
            var monotonic = Monotonic();
            var drift = wall - monotonic - Volatile.Read(ref _wallOffset);
            return drift is >= -Tolerance and <= Tolerance
                ? monotonic + Volatile.Read(ref _suspended)
                : Reconcile();
        }
    }

    /// <summary>
    /// Gets a cheaper reading for the hit path. It is never lower than <see cref="Now"/> would be, and higher by at most 24 ms.
    /// </summary>
    /// <remarks>
    /// The wall clock is read, and a coarse monotonic clock verifies that it was not set back. A suspension is visible in the wall clock,
    /// as in <see cref="Now"/>. The inaccuracy of the coarse clock is counted as elapsed time.
    /// </remarks>
    internal long CoarseNow
    {
        get
        {
            if (_coarse is null)
                return Now;

            // The reading of the monotonic clock, as long as both clocks advance alike. The offset is read before the suspended time, as in
            // Now.
            var monotonic = Wall() - Volatile.Read(ref _wallOffset);
            var ahead = monotonic - (_coarse.Ticks - _coarseOrigin);
            return ahead is >= -Tolerance and <= Coarseness + Tolerance
                ? monotonic + Coarseness + Tolerance + Volatile.Read(ref _suspended)
                : Now;
        }
    }

    /// <summary>
    /// Gets the elapsed monotonic time. Use it for periods that must not end early, such as deadlines: setting the wall clock forward
    /// does not affect it.
    /// </summary>
    internal long MonotonicNow => Monotonic();

    private long Reconcile()
    {
        lock (_gate)
        {
            var before = Monotonic();
            var wall = Wall();
            var after = Monotonic();

            // The true offset is between wall − after and wall − before.
            if (wall - after > _wallOffset)
            {
                // _suspended first: a thread that sees the new offset without the lock must see the suspended time that belongs to it.
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
