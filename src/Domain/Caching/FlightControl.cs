using Lookup.Domain.Changes;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>
/// Attaches, joins, detaches and lands flights: all that decides which result may be stored. Reads nothing itself.
/// </summary>
/// <remarks>
/// The race that leaves old values in other caches, and what ends it here:
/// <code>
/// reader                         change                        reader 2
/// attach flight, send read
///   (store reads version 1)
///                                version 2 is written
///                                Evict: detach, then remove
///                                                              finds no flight, attaches its own
/// answer 1 arrives: detached,
/// given to the reader, not stored
///                                                              answer 2 arrives: attached, stored
/// </code>
/// </remarks>
internal sealed class FlightControl
{
    private readonly Freshness _freshness;
    private readonly EntryMemory _memory;
    private readonly CacheCounters _counters;
    private readonly MemoryBudget _budget;
    private readonly Flaw _flaw;
    private readonly Stripe[] _stripes;

    private int _flights;

    public FlightControl(
        Freshness freshness,
        EntryMemory memory,
        CacheCounters counters,
        MemoryBudget budget,
        UserCacheOptions options,
        Flaw flaw)
    {
        _freshness = freshness;
        _memory = memory;
        _counters = counters;
        _budget = budget;
        _flaw = flaw;
        _stripes = new Stripe[budget.Stripes];
        for (var i = 0; i < _stripes.Length; i++)
            _stripes[i] = new Stripe(flaw == Flaw.UnboundedFences ? int.MaxValue : budget.FloorsPerStripe, options.FillFenceWindow.Ticks);
    }

    /// <summary>Reads under way, detached ones included.</summary>
    public int Count => Volatile.Read(ref _flights);

    /// <summary>Fences kept.</summary>
    public int Floors
    {
        get
        {
            var count = 0;
            foreach (var stripe in _stripes)
            {
                lock (stripe.Gate)
                    count += stripe.Floors.Count;
            }

            return count;
        }
    }

    /// <summary>Joins the flight that is attached to the key, or attaches a new one, which the caller must launch.</summary>
    /// <param name="target">What to read.</param>
    /// <param name="shared">
    /// Whether to join and be joined, and to store; where not, the flight is the caller's own (<c>no-store</c>).
    /// </param>
    /// <param name="earliest">
    /// The caller looked into memory before it came here, and a flight may have landed in between: what it left is as good as having
    /// joined it, if its read was sent after this time.
    /// </param>
    /// <exception cref="UserStoreException">Too many reads are under way.</exception>
    public (Flight Flight, bool Joined) Board(LookupTarget target, bool shared, long earliest)
    {
        var stripe = StripeOf(target.CacheKey);
        lock (stripe.Gate)
        {
            if (shared && _flaw != Flaw.SeparateFlights && stripe.Flights.TryGetValue(target.CacheKey, out var attached))
            {
                attached.Waiters++;
                return (attached, true);
            }

            var held = _memory.Find(target.CacheKey);
            if (shared && held is not null && held.ReadStartedAt > earliest)
                return (Flight.OfLanded(target, held), true);

            if (Interlocked.Increment(ref _flights) > _budget.Flights)
            {
                Interlocked.Decrement(ref _flights);
                throw new UserStoreException(
                    UserStoreFailure.Overloaded,
                    $"{_budget.Flights} reads are under way already, as many as the cache's size allows; try again shortly.");
            }

            var floor = stripe.Floors.Of(target.CacheKey, _freshness.Clock.Awake);
            var flight = new Flight(target, held, floor);
            if (shared)
            {
                flight.IsAttached = true;
                stripe.Flights[target.CacheKey] = flight;
            }

            return (flight, false);
        }
    }

    /// <summary>Ends a new flight that will not be launched after all.</summary>
    public void Cancel(Flight flight, Exception reason)
    {
        Crash(flight, reason);
        Retire(1);
    }

    /// <summary>Flights have landed or crashed, and their read is over.</summary>
    public void Retire(int flights) => Interlocked.Add(ref _flights, -flights);

    /// <summary>Flights go on with a read of their own after one that many shared.</summary>
    public void Continue(int flights) => Interlocked.Add(ref _flights, flights);

    /// <summary>One who has boarded a flight will not wait for it any more.</summary>
    public void Leave(Flight flight)
    {
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
        {
            if (--flight.Waiters > 0 && _flaw != Flaw.LeaveEndsFlight)
                return;
            RemoveFlight_NeedsLock(stripe, flight); // nobody may join what is about to be cancelled
        }

        flight.Group?.Abandon();
    }

    /// <summary>A flight's read has failed: all who wait hear of it.</summary>
    public void Crash(Flight flight, Exception exception)
    {
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
            RemoveFlight_NeedsLock(stripe, flight);
        flight.Fail(exception);
    }

    /// <summary>A flight's read came back with an answer that counts: stores it if it may, and gives it to all who wait.</summary>
    public void Land(Flight flight, in StoreRead read)
    {
        var isRevalidated = read.Status == StoreReadStatus.NotModified;
        var document = isRevalidated ? flight.Held!.Document : read.Document;
        var entry = flight.Target.Alternate is null
            ? CacheEntry.OfUser(document, flight.SentAt, flight.Epoch)
            : CacheEntry.OfHint(flight.Found, flight.SentAt, flight.Epoch);

        var isStored = false;
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
        {
            if (flight.IsAttached || _flaw == Flaw.StoreWithoutFence)
            {
                RemoveFlight_NeedsLock(stripe, flight);
                isStored = _memory.Put(flight.Target.CacheKey, entry);
            }
            else
            {
                if (_flaw == Flaw.JoinDetachedFlight)
                    RemoveFlight_NeedsLock(stripe, flight);
                if (flight.Target.Alternate is null && _flaw != Flaw.KeepOlderThanGiven)
                    GiveWay_NeedsLock(stripe, flight, document, read.Lsn);
            }
        }

        if (isStored)
            _freshness.NoteStored();
        var duration = TimeSpan.FromTicks(Math.Max(0, _freshness.Clock.Now - flight.SentAt));
        flight.Complete(new Landing(entry, isStored, isRevalidated, duration));
    }

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

            stripe.Floors.Raise(cacheKey, document.Lsn, _freshness.Clock.Awake);
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
            if (_flaw != Flaw.EvictBeforeDetach)
                Detach_NeedsLock(stripe, cacheKey);

            stripe.Floors.Raise(cacheKey, _flaw == Flaw.NoFloor ? 0 : lsn, _freshness.Clock.Awake);
            var held = _memory.Find(cacheKey) is not null;
            if (held)
                Forget(cacheKey);
            if (_flaw == Flaw.EvictBeforeDetach)
                _ = DetachLaterAsync(stripe, cacheKey);
            return held;
        }
    }

    /// <summary>Makes the instance forget everything: no result that was asked for before now will be stored.</summary>
    public void Clear()
    {
        foreach (var stripe in _flaw == Flaw.ClearKeepsFlights ? [] : _stripes)
        {
            lock (stripe.Gate)
            {
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
                stripe.Floors.Clear();
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
    private void GiveWay_NeedsLock(Stripe stripe, Flight flight, UserDocument? given, long replicaLsn)
    {
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
        if (stripe.Flights.TryGetValue(cacheKey, out var attached) && !(version > 0 && version <= attached.Floor))
            Detach_NeedsLock(stripe, cacheKey);
    }

    private void Detach_NeedsLock(Stripe stripe, string cacheKey)
    {
        if (!stripe.Flights.TryGetValue(cacheKey, out var flight))
            return;

        flight.IsAttached = false;
        if (_flaw != Flaw.JoinDetachedFlight)
            stripe.Flights.Remove(cacheKey);
    }

    private async Task DetachLaterAsync(Stripe stripe, string cacheKey)
    {
        await Task.Yield();
        lock (stripe.Gate)
            Detach_NeedsLock(stripe, cacheKey);
    }

    private static void RemoveFlight_NeedsLock(Stripe stripe, Flight flight)
    {
        flight.IsAttached = false;
        var cacheKey = flight.Target.CacheKey;
        if (stripe.Flights.TryGetValue(cacheKey, out var attached) && ReferenceEquals(attached, flight))
            stripe.Flights.Remove(cacheKey);
    }

    private void Forget(string cacheKey)
    {
        if (_flaw == Flaw.KeepNegatives)
            _memory.RemovePositive(cacheKey);
        else
            _memory.Remove(cacheKey);
    }

    private Stripe StripeOf(string cacheKey) =>
        _stripes[string.GetHashCode(cacheKey, StringComparison.Ordinal) & (_stripes.Length - 1)];
}
