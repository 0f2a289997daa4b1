using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Flights;

// Hooks for the mutants of the simulation (tests/Simulation.Mutants). The compiler removes calls to hooks without an implementation.
internal sealed partial class FlightTable
{
    /// <summary>Called before a request joins the attached flight.</summary>
    partial void OnJoining(ref bool joins);

    /// <summary>Called when a waiter was removed. If it was the last one, the read is canceled.</summary>
    partial void OnWaiterRemoved(ref bool isLast);

    /// <summary>Called when a read has returned. Its result is stored if the flight is attached.</summary>
    partial void OnCompleting(Stripe stripe, Flight flight, ref bool stores);

    /// <summary>Called before a key is evicted, beginning with its flight.</summary>
    partial void OnEvicting(Stripe stripe, string cacheKey, ref bool detaches);

    /// <summary>Called before the entry of an evicted key is removed.</summary>
    partial void OnRemoving(StampedEntry entry, ref bool removes);

    /// <summary>Called for each stripe before the cache is cleared, beginning with the flights of the stripe.</summary>
    partial void OnClearing(ref bool detaches);

    /// <summary>Called when a flight was detached, before it is removed from the table.</summary>
    partial void OnDetaching(ref bool removes);

    /// <summary>Called before older entries and flights are removed for a result that is returned but not stored.</summary>
    partial void OnRemovingOlder(ref bool removes);
}
