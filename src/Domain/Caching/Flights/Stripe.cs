namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// One of the locks for the keys, and the state that it guards: the flights that are attached to its keys, and their minimum LSNs (fences).
/// Two operations are atomic under this lock: an eviction (detach the flight, then remove the entry), and storing the result of a completed
/// flight.
/// </summary>
internal sealed class Stripe(int fenceCapacity, long fenceWindowTicks)
{
    public Lock Gate { get; } = new();

    public Dictionary<string, Flight> Flights { get; } = new(StringComparer.Ordinal);

    public MinimumLsns MinimumLsns { get; } = new(fenceCapacity, fenceWindowTicks);
}
