using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

// The removal of entries and flights: by changes, by lagging replicas, and by newer results that are returned but not stored.
internal sealed partial class FlightTable
{
    /// <summary>
    /// Records that a replica was behind. If it was behind the cached version, that version is removed and replaced by a minimum LSN that
    /// expires, so that a restored or recreated store, whose LSNs restart, is accepted again after the fence window.
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

    /// <summary>Evicts a key. Results of reads that were sent before this call will not be stored.</summary>
    /// <returns><see langword="true"/> if there was an entry for the key; otherwise, <see langword="false"/>.</returns>
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

    /// <summary>Removes all entries. Results of reads that were sent before this call will not be stored.</summary>
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

        // Last, because a flight that completed before its stripe was visited has stored its result. A flight that is attached after its
        // stripe was visited is new.
        _memory.Clear();
    }

    /// <summary>Removes all entries and minimum LSNs. The minimum LSNs refer to a log that no longer exists.</summary>
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
    /// Removes everything that may be older than a result that is returned but not stored, because no later request may get an older one:
    /// <code>
    /// reader                         change                  reader 2                       reader 3
    /// attach flight, send read
    ///   (still in flight)            Evict (detach, remove)
    ///                                                        attach flight, send read
    ///                                                          (store reads version 2)
    ///                                version 3 is written
    ///   (store reads version 3)
    /// gets version 3, not stored
    ///                                                          (response in flight)         joins it, gets version 2
    /// </code>
    /// The same happens with a <c>no-store</c> reader in place of the first. Therefore, the entry is removed and the flight is detached if
    /// they are or may be older.
    /// </summary>
    private void RemoveOlderThan_NeedsLock(Stripe stripe, Flight flight, UserDocument? returned, long replicaLsn)
    {
        var removes = true;
        OnRemovingOlder(ref removes);
        if (!removes)
            return;

        // The entry is newer if it was written after everything that the responding replica knew.
        var cacheKey = flight.Target.CacheKey;
        var knownLsn = replicaLsn > 0 ? replicaLsn : returned?.Lsn ?? 0;
        if (_memory.Find(cacheKey) is { } held)
        {
            if (held.Document?.ETag == returned?.ETag)
                return; // reads that were sent since that entry was received are in a session that includes it

            if (knownLsn > 0 && held.Document?.Lsn > knownLsn)
                return;

            _memory.Remove(cacheKey);
        }

        // A flight with at least this minimum LSN cannot return an older version.
        var version = returned is { Lsn: > 0 } ? returned.Lsn : replicaLsn;
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
