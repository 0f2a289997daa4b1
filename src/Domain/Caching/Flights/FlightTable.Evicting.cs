using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

// What makes entries and flights give way: changes, replicas that lag, and newer results that are given out but not stored.
internal sealed partial class FlightTable
{
    /// <summary>
    /// The replica was behind the version in memory. That version goes, and leaves a floor instead, so that a store whose numbers
    /// begin anew (restored, made again) is believed when the floor has run out.
    /// </summary>
    public void NoteBehind(Flight flight)
    {
        _counters.BehindReads.Increment();
        if (flight.Held?.Document is not { Lsn: > 0 } document)
            return;

        var cacheKey = flight.Target.CacheKey;
        var stripe = StripeOf(cacheKey);
        lock (stripe.Gate)
        {
            if (!ReferenceEquals(_memory.Find(cacheKey), flight.Held))
                return;

            stripe.MinimumLsns.Raise(cacheKey, document.Lsn, _freshness.Clock.MonotonicNow);
            _memory.Remove(cacheKey);
        }
    }

    /// <summary>Makes the instance forget a key: no result that was asked for before now will be stored.</summary>
    /// <returns>Whether memory held something for the key.</returns>
    public bool Evict(string cacheKey, long lsn)
    {
        var stripe = StripeOf(cacheKey);
        lock (stripe.Gate)
        {
            var detaches = true;
            OnEvicting(stripe, cacheKey, ref detaches);
            if (detaches)
                Detach_NeedsLock(stripe, cacheKey);

            stripe.MinimumLsns.Raise(cacheKey, lsn, _freshness.Clock.MonotonicNow);
            if (_memory.Find(cacheKey) is not { } held)
                return false;

            var removes = true;
            OnRemoving(held, ref removes);
            if (removes)
                _memory.Remove(cacheKey);
            return true;
        }
    }

    /// <summary>Makes the instance forget everything: no result that was asked for before now will be stored.</summary>
    public void Clear()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Gate)
            {
                var detaches = true;
                OnClearing(ref detaches);
                if (!detaches)
                    continue;

                foreach (var flight in stripe.Flights.Values)
                    flight.IsAttached = false;
                stripe.Flights.Clear();
            }
        }

        // Only now: a flight that landed before its stripe was visited has stored, and one that boards after is new.
        _memory.Clear();
    }

    /// <summary>Makes the instance forget everything, and the floors with it: they are numbers of a log that is no more.</summary>
    public void StartOver()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Gate)
                stripe.MinimumLsns.Clear();
        }

        Clear();
    }

    /// <summary>
    /// A result that is not stored is given out all the same, and nobody who asks after that may get an older one:
    /// <code>
    /// reader                         change                  reader 2                       reader 3
    /// attach flight, send read
    ///   (still on its way)           Evict (detach, remove)
    ///                                                        attach flight, send read
    ///                                                          (store reads version 2)
    ///                                version 3 is written
    ///   (store reads version 3)
    /// gets version 3, not stored
    ///                                                          (still on its way back)      joins it, gets version 2
    /// </code>
    /// The same with a <c>no-store</c> reader in place of the first. So what is or may be older gives way: the entry, and the flight.
    /// </summary>
    private void RemoveOlderThan_NeedsLock(Stripe stripe, Flight flight, UserDocument? given, long replicaLsn)
    {
        var removes = true;
        OnRemovingOlder(ref removes);
        if (!removes)
            return;

        // The entry is newer where it was written after all that the answering replica knew.
        var cacheKey = flight.Target.CacheKey;
        var knew = replicaLsn > 0 ? replicaLsn : given?.Lsn ?? 0;
        if (_memory.Find(cacheKey) is { } held)
        {
            if (held.Document?.ETag == given?.ETag)
                return; // every read since that entry's answer was sent in a session that knows it

            if (knew > 0 && held.Document?.Lsn > knew)
                return;

            _memory.Remove(cacheKey);
        }

        // A flight whose floor is that high brings nothing older.
        var version = given is { Lsn: > 0 } ? given.Lsn : replicaLsn;
        if (stripe.Flights.TryGetValue(cacheKey, out var attached) && !(version > 0 && version <= attached.MinimumLsn))
            Detach_NeedsLock(stripe, cacheKey);
    }

    private void Detach_NeedsLock(Stripe stripe, string cacheKey)
    {
        if (!stripe.Flights.TryGetValue(cacheKey, out var flight))
            return;

        flight.IsAttached = false;
        var removes = true;
        OnDetaching(ref removes);
        if (removes)
            stripe.Flights.Remove(cacheKey);
    }
}
