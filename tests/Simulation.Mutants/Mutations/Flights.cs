using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;
using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Caching.Flights;

internal sealed partial class FlightTable
{
    public Rule LeftOut { get; set; }

    partial void OnJoining(ref bool joins) => joins &= LeftOut != Rule.SeparateFlights;

    partial void OnWaiterRemoved(ref bool isLast) => isLast |= LeftOut == Rule.LeaveEndsFlight;

    partial void OnCompleting(Stripe stripe, Flight flight, ref bool stores)
    {
        stores |= LeftOut == Rule.StoreDetached;
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

    partial void OnCovering(ref bool covers) => covers |= LeftOut == Rule.CoverFromBefore;

    partial void OnAnswering(ref bool raises) => raises &= LeftOut != Rule.AnswersRaiseNothing;

    partial void OnKeeping(StampedEntry held, LogPosition change, ref bool keeps)
    {
        keeps |= change.IsKnown && LeftOut switch
        {
            Rule.KeepAcrossPartitions => held.AsOf.Lsn >= change.Lsn,
            Rule.KeepEqualFromFeed => held.AsOf.Includes(change with { Lsn = change.Lsn - 1 }),
            _ => false,
        };
        keeps &= LeftOut != Rule.UpdateByOlder;
    }

    partial void OnUpdating(StampedEntry held, LogPosition change, ref bool updates, ref StampedEntry? updated)
    {
        updates |= updated is not null && held.IsUsed && (LeftOut == Rule.UpdateAcrossPartitions || (LeftOut == Rule.UpdateByOlder && held.AsOf.Partition == change.Partition));
        if (LeftOut == Rule.UpdateCountsAsRead && updated is UserDocument document)
            updated = document.Stamped(document.Lsn, EntryStamp.ForRead(document.ExistedAt, document.Epoch, document.AsOf));
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

    partial void OnNoting(ref bool isLost, ref RangeAccount? evictedFor)
    {
        isLost &= LeftOut != Rule.EvictionsCostNothing;
        if (LeftOut == Rule.EvictedPayForEviction)
            evictedFor = null;
    }
}
