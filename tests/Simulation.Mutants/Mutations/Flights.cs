using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Caching.Flights;

internal sealed partial class FlightTable
{
    public Rule LeftOut { get; set; }

    partial void OnJoining(ref bool joins) => joins &= LeftOut != Rule.SeparateFlights;

    partial void OnWaiterRemoved(ref bool isLast) => isLast |= LeftOut == Rule.LeaveEndsFlight;

    partial void OnCompleting(Stripe stripe, Flight flight, ref bool stores)
    {
        stores |= LeftOut == Rule.StoreWithoutFence;
        if (LeftOut == Rule.JoinDetachedFlight && !stores)
            RemoveFlight_NeedsLock(stripe, flight);
    }

    partial void OnEvicting(Stripe stripe, string cacheKey, ref bool detaches)
    {
        if (LeftOut != Rule.EvictBeforeDetach)
            return;

        detaches = false;
        _ = DetachLaterAsync(stripe, cacheKey);
    }

    partial void OnRemoving(StampedEntry entry, ref bool removes) => removes &= LeftOut != Rule.KeepNegatives || !entry.IsNegative;

    partial void OnClearing(ref bool detaches) => detaches &= LeftOut != Rule.ClearKeepsFlights;

    partial void OnDetaching(ref bool removes) => removes &= LeftOut != Rule.JoinDetachedFlight;

    partial void OnRemovingOlder(ref bool removes) => removes &= LeftOut != Rule.KeepOlderThanGiven;

    private async Task DetachLaterAsync(Stripe stripe, string cacheKey)
    {
        await Task.Yield();
        lock (stripe.Gate)
            Detach_NeedsLock(stripe, cacheKey, default);
    }
}

internal sealed partial class FlightReader
{
    public Rule LeftOut { get; set; }

    partial void OnRead(Flight flight)
    {
        if (LeftOut == Rule.TimeAtEndOfRead)
            flight.MarkSent(freshness);
    }
}
