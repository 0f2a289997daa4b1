namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// One of the locks for the keys, and the state that it guards: the flights that are attached to its keys, and their minimum LSNs. An
/// eviction (detach, then remove) and storing the result of a completed flight are each one step under this lock.
/// </summary>
internal sealed class Stripe(int fenceCapacity, long fenceWindowTicks)
{
    public Lock Gate { get; } = new();

    public Dictionary<string, Flight> Flights { get; } = new(StringComparer.Ordinal);

    public MinimumLsns MinimumLsns { get; } = new(fenceCapacity, fenceWindowTicks);
}
