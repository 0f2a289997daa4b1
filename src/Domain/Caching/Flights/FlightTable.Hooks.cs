using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Flights;

// Hooks for the known-bad variants of the simulation (tests/Simulation.Mutants). Calls to a hook that has no implementation are not compiled.
internal sealed partial class FlightTable
{
    /// <summary>A request is about to join the attached flight, if it may.</summary>
    partial void OnJoining(ref bool joins);

    /// <summary>A waiter was removed, and the read is canceled if it was the last.</summary>
    partial void OnWaiterRemoved(ref bool isLast);

    /// <summary>A read has returned, and its result is stored if the flight is attached.</summary>
    partial void OnCompleting(Stripe stripe, Flight flight, ref bool stores);

    /// <summary>A key is about to be evicted, beginning with its flight.</summary>
    partial void OnEvicting(Stripe stripe, string cacheKey, ref bool detaches);

    /// <summary>An entry is about to be removed because its key was evicted.</summary>
    partial void OnRemoving(StampedEntry entry, ref bool removes);

    /// <summary>Everything is about to be removed, beginning with the flights of a stripe.</summary>
    partial void OnClearing(ref bool detaches);

    /// <summary>A flight was detached and is about to leave the table.</summary>
    partial void OnDetaching(ref bool removes);

    /// <summary>A result that is not stored is about to be returned, and older ones are removed.</summary>
    partial void OnRemovingOlder(ref bool removes);
}
