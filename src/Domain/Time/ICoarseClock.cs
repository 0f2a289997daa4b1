namespace Lookup.Domain.Time;

/// <summary>A monotonic clock that is cheap to read and advances only with each timer tick.</summary>
internal interface ICoarseClock
{
    /// <summary>
    /// Gets the time in ticks of 100 ns. It has the same origin as the monotonic clock that it accompanies, is never ahead of that clock,
    /// and is behind it by at most <see cref="InstanceClock.Coarseness"/>.
    /// </summary>
    long Ticks { get; }
}
