namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// One of the locks that the keys are spread over, with what it guards: the flights attached to its keys and their floors.
/// An eviction (detach, then remove) and the store of a finished flight are each one step under it.
/// </summary>
internal sealed class Stripe(int fenceCapacity, long fenceWindowTicks)
{
    public Lock Gate { get; } = new();

    public Dictionary<string, Flight> Flights { get; } = new(StringComparer.Ordinal);

    public MinimumLsns MinimumLsns { get; } = new(fenceCapacity, fenceWindowTicks);
}
