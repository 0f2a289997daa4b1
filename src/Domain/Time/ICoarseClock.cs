namespace Lookup.Domain.Time;

/// <summary>A monotonic clock that is cheap to read and stands still between timer ticks.</summary>
internal interface ICoarseClock
{
    /// <summary>
    /// Ticks of 100 ns, with the same origin as the monotonic clock that it goes with: never ahead of that clock, and behind by no more
    /// than <see cref="InstanceClock.Coarseness"/>.
    /// </summary>
    long Ticks { get; }
}
