using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

// The removal of entries and flights: by changes, by lagging replicas, and by newer results that are returned but not stored.
internal sealed partial class FlightTable
{
    /// <summary>Evicts a key. Results of reads that were sent before this call will not be stored.</summary>
    /// <param name="cacheKey">The key.</param>
    /// <param name="change">The position of the change that makes the entry stale, if it is known.</param>
    /// <param name="updated">The entry that takes the place of one that is in use, or <see langword="null"/>.</param>
    /// <param name="isDetached">A value that indicates whether a read is in flight, whose result will not be stored.</param>
    public EvictionOutcome Evict(string cacheKey, LogPosition change, StampedEntry? updated, out bool isDetached)
    {
        var hash = LsnSketches.HashOf(cacheKey);
        var stripe = StripeOf(hash);
        lock (stripe.Gate)
        {
            var raises = true;
            OnRaising(stripe, change, hash, ref raises);
            var known = raises ? _lsns.Raise(change, hash) : _lsns.Get(change.Partition, hash);
            var detaches = true;
            OnEvicting(stripe, cacheKey, ref detaches);
            isDetached = detaches && Detach_NeedsLock(stripe, cacheKey, change.IsKnown ? change with { Lsn = known } : default);

            return _memory.Find(cacheKey) is { } held ? Evict_NeedsLock(cacheKey, held, change, known, updated) : EvictionOutcome.NotCached;
        }
    }

    private EvictionOutcome Evict_NeedsLock(string cacheKey, StampedEntry held, LogPosition change, long known, StampedEntry? updated)
    {
        // An entry reflects a change that the feed shows later if the user was read ahead of the feed.
        var keeps = change.IsKnown && held.AsOf.Includes(change);
        OnKeeping(held, change, ref keeps);
        if (keeps)
            return EvictionOutcome.Kept;

        // Updating an entry that is not requested would be wasted work. The entry may be newer if it is of another partition, or has no
        // position. It may also be newer than the position that it reflects, which is the lowest of a read of several users, or be a later
        // write of the same transaction; then at least the LSN of the change was known before.
        var updates = updated is not null && held.IsUsed && held.AsOf.Partition == change.Partition && known < change.Lsn;
        OnUpdating(held, change, ref updates, ref updated);
        if (updates && _memory.Put(cacheKey, updated!))
            return EvictionOutcome.Updated;

        var removes = true;
        OnRemoving(held, ref removes);
        if (removes)
            _memory.Remove(cacheKey);
        return EvictionOutcome.Removed;
    }

    /// <summary>Removes all entries. Results of reads that were sent before this call will not be stored.</summary>
    public void Clear()
    {
        _coverage?.CloseAll(); // first, so that an entry of the tier that is accepted later is newer
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

    /// <summary>Removes all entries, and the known LSNs of the logs before the given one, which no longer exist.</summary>
    public void StartOver(long log)
    {
        _lsns.RemoveBefore(log);
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
    private void RemoveOlderThan_NeedsLock(Stripe stripe, Flight flight, UserDocument? returned, LogPosition version, bool isNews)
    {
        var removes = true;
        OnRemovingOlder(ref removes);
        if (!removes)
            return;

        var cacheKey = flight.Target.CacheKey;
        if (_memory.Find(cacheKey) is { } held)
        {
            // A read that was sent after the entry was received cannot be older than it, because its session includes the entry. An expiry
            // has no LSN, so it is checked separately.
            var isOlder = held.Document?.ETag != returned?.ETag && (!held.AsOf.Includes(version) || held.HasEnded(_freshness.Clock.Now));
            if (!isOlder)
                return;

            _memory.Remove(cacheKey);
        }

        // If the version was known before, the attached flight cannot complete with an older one of the same partition.
        if (isNews)
            Detach_NeedsLock(stripe, cacheKey, default);
        else if (stripe.Flights.TryGetValue(cacheKey, out var attached))
            attached.OvertakenIn = version.Partition;
    }

    private bool Detach_NeedsLock(Stripe stripe, string cacheKey, LogPosition knownBefore)
    {
        if (!stripe.Flights.TryGetValue(cacheKey, out var flight))
            return false;

        flight.IsAttached = false;
        flight.KnownBefore = knownBefore;
        var removes = true;
        OnDetaching(ref removes);
        if (removes)
            stripe.Flights.Remove(cacheKey);
        return true;
    }
}

/// <summary>Specifies what an eviction did to the entry of its key.</summary>
internal enum EvictionOutcome
{
    /// <summary>There was no entry.</summary>
    NotCached,

    /// <summary>The entry was removed.</summary>
    Removed,

    /// <summary>The entry stays, because it already reflects the change.</summary>
    Kept,

    /// <summary>The document in the change took the place of the entry.</summary>
    Updated,
}
