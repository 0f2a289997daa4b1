using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching.Flights;

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
internal sealed partial class FlightTable
{
    private readonly FreshnessTracker _freshness;
    private readonly EntryMemory _memory;
    private readonly CacheCounters _counters;
    private readonly MemoryBudget _budget;
    private readonly Stripe[] _stripes;

    private int _places;

    public FlightTable(
        FreshnessTracker freshness,
        EntryMemory memory,
        CacheCounters counters,
        MemoryBudget budget,
        UserCacheOptions options)
    {
        _freshness = freshness;
        _memory = memory;
        _counters = counters;
        _budget = budget;
        _stripes = new Stripe[budget.Stripes];
        for (var i = 0; i < _stripes.Length; i++)
            _stripes[i] = new Stripe(budget.MinimumLsnsPerStripe, options.FillFenceWindow.Ticks);
    }

    /// <summary>The places that reads under way take, those of detached flights included.</summary>
    public int Places => Volatile.Read(ref _places);

    /// <summary>Fences kept.</summary>
    public int MinimumLsnCount
    {
        get
        {
            var count = 0;
            foreach (var stripe in _stripes)
            {
                lock (stripe.Gate)
                    count += stripe.MinimumLsns.Count;
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
    /// <param name="budget">The budget that a new flight is charged to.</param>
    /// <param name="hasPlace">The caller has a place for a new flight; where not, this call takes one.</param>
    /// <returns><see langword="null"/> where a new flight would be one too many.</returns>
    public FlightWaiter? JoinOrStart(LookupTarget target, bool shared, long earliest, IRequestUnitBudget? budget, bool hasPlace)
    {
        var stripe = StripeOf(target.CacheKey);
        lock (stripe.Gate)
        {
            var joins = shared;
            OnJoining(ref joins);
            if (joins && stripe.Flights.TryGetValue(target.CacheKey, out var attached))
                return attached.Join();

            var held = _memory.Find(target.CacheKey);
            if (shared && held is not null && held.ReadStartedAt > earliest)
                return Flight.Completed(target, held);

            if (!hasPlace && !TryTake(1))
                return null;

            var minimumLsn = stripe.MinimumLsns.Get(target.CacheKey, _freshness.Clock.MonotonicNow);
            var flight = new Flight(target, held, minimumLsn, budget);
            if (shared)
            {
                flight.IsAttached = true;
                stripe.Flights[target.CacheKey] = flight;
            }

            return flight.Initiator;
        }
    }

    /// <summary>Takes places for a read, if there are so many.</summary>
    public bool TryTake(int places)
    {
        if (Interlocked.Add(ref _places, places) <= _budget.Flights)
            return true;

        GiveBack(places);
        return false;
    }

    /// <summary>A read is over.</summary>
    public void GiveBack(int places) => Interlocked.Add(ref _places, -places);

    /// <summary>Why a read that found no place was not sent.</summary>
    public UserStoreException Overloaded() => new(
        UserStoreFailure.Overloaded,
        $"The reads under way take all {_budget.Flights} places that the cache's size allows; try again shortly.");

    /// <summary>One who has waiters a flight will not wait for it any more.</summary>
    public void RemoveWaiter(Flight flight)
    {
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
        {
            var isLast = --flight.Waiters == 0;
            OnWaiterRemoved(ref isLast);
            if (!isLast)
                return;
            RemoveFlight_NeedsLock(stripe, flight); // nobody may join what is about to be cancelled
        }

        flight.SharedRead?.Abandon();
    }

    /// <summary>A flight's read has failed: all who wait will hear of it.</summary>
    public void Fail(Flight flight, ExceptionDispatchInfo failure)
    {
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
            RemoveFlight_NeedsLock(stripe, flight);
        flight.Fail(failure);
    }

    /// <summary>A flight's read came back with an answer that counts: stores it if it may, for all who wait to hear of.</summary>
    public void Complete(Flight flight, in StoreRead read)
    {
        var isRevalidated = read.Status == StoreReadStatus.NotModified;
        var document = isRevalidated ? flight.Held!.Document : read.Document;
        var entry = flight.Target.Alternate is null
            ? CacheEntries.ForUser(document, flight.SentAt, flight.Epoch)
            : CacheEntries.ForHint(flight.Found, flight.SentAt, flight.Epoch);

        var isStored = false;
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
        {
            var stores = flight.IsAttached;
            OnCompleting(stripe, flight, ref stores);
            if (stores)
            {
                RemoveFlight_NeedsLock(stripe, flight);
                isStored = _memory.Put(flight.Target.CacheKey, entry);
            }
            else if (flight.Target.Alternate is null)
            {
                RemoveOlderThan_NeedsLock(stripe, flight, document, read.Lsn);
            }
        }

        if (isStored)
            _freshness.NoteStored();
        var duration = TimeSpan.FromTicks(Math.Max(0, _freshness.Clock.Now - flight.SentAt));
        flight.Complete(new CompletedRead(entry, isStored, isRevalidated, duration));
    }

    private static void RemoveFlight_NeedsLock(Stripe stripe, Flight flight)
    {
        flight.IsAttached = false;
        var cacheKey = flight.Target.CacheKey;
        if (stripe.Flights.TryGetValue(cacheKey, out var attached) && ReferenceEquals(attached, flight))
            stripe.Flights.Remove(cacheKey);
    }

    private Stripe StripeOf(string cacheKey) =>
        _stripes[string.GetHashCode(cacheKey, StringComparison.Ordinal) & (_stripes.Length - 1)];
}
