using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Flights;

// Hooks for the mutants of the simulation (tests/Simulation.Mutants). A mutant omits the step that follows a hook by setting its argument
// to false. The compiler removes calls to hooks without an implementation.
internal sealed partial class FlightTable
{
    /// <summary>Called before a request joins the flight that is attached to its key.</summary>
    partial void OnJoining(ref bool joins);

    /// <summary>Called after a waiter has been removed. If it was the last one, the read is canceled.</summary>
    partial void OnWaiterRemoved(ref bool isLast);

    /// <summary>Called after a read has returned. Its result is stored if the flight is attached.</summary>
    partial void OnCompleting(Stripe stripe, Flight flight, ref bool stores);

    /// <summary>Called at the start of the eviction of a key, before its known LSN is raised to that of the change.</summary>
    partial void OnRaising(Stripe stripe, LogPosition change, ulong hash, ref bool raises);

    /// <summary>Called in the eviction of a key, before its flight is detached.</summary>
    partial void OnEvicting(Stripe stripe, string cacheKey, ref bool detaches);

    /// <summary>Called before a result of a replica that lags behind the beginning of the epoch is stored without that epoch.</summary>
    partial void OnCovering(ref bool covers);

    /// <summary>Called before the known LSN is raised to that of a result that is about to be returned.</summary>
    partial void OnAnswering(ref bool raises);

    /// <summary>Called when a change of a cached key arrives, before the entry is kept because it reflects the change.</summary>
    partial void OnKeeping(StampedEntry held, LogPosition change, ref bool keeps);

    /// <summary>Called before the document in a change takes the place of an entry.</summary>
    partial void OnUpdating(StampedEntry held, LogPosition change, ref bool updates, ref StampedEntry? updated);

    /// <summary>Called before the entry of an evicted key is removed.</summary>
    partial void OnRemoving(StampedEntry entry, ref bool removes);

    /// <summary>Called once for each stripe when the cache is cleared, before the flights of that stripe are detached.</summary>
    partial void OnClearing(ref bool detaches);

    /// <summary>Called after the flight of a key has been marked as detached, before it is removed from the table. Not called for flights that end, or
    /// when the cache is cleared.</summary>
    partial void OnDetaching(ref bool removes);

    /// <summary>Called when a result is returned but not stored, before the key's entry and attached flight are removed, which may be older than that
    /// result.</summary>
    partial void OnRemovingOlder(ref bool removes);
}
