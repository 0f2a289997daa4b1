using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// The attached flights and the minimum LSNs of all keys. This class determines which results are stored. It sends no reads itself.
/// </summary>
/// <remarks>
/// The race that leaves old values in other caches, and its outcome here:
/// <code>
/// reader                         change                        reader 2
/// attach flight, send read
///   (store reads version 1)
///                                version 2 is written
///                                Evict: detach, then remove
///                                                              finds no flight, attaches its own
/// response 1 arrives: detached,
/// returned to reader, not stored
///                                                              response 2 arrives: attached, stored
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

    /// <summary>Gets the number of places that reads in flight take, including those of detached flights.</summary>
    public int Places => Volatile.Read(ref _places);

    /// <summary>Gets the number of keys that have a minimum LSN.</summary>
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

    /// <summary>Gets or sets the callback for each result that is larger than the cache can hold: its size and the limit, in bytes.</summary>
    public Action<long, long>? ResultTooLarge { get; set; }

    /// <summary>Joins the flight that is attached to the key, or attaches a new one, which the caller must start.</summary>
    /// <param name="target">The user or hint to read.</param>
    /// <param name="shared">
    /// A value that indicates whether the flight can be joined and its result stored. If not, the flight belongs to the caller alone
    /// (<c>no-store</c>).
    /// </param>
    /// <param name="earliest">
    /// The earliest acceptable time of the read. A flight may have completed after the caller checked the cache: its result can be used as
    /// if the request had joined, provided its read was sent after this time.
    /// </param>
    /// <param name="budget">The budget to which a new flight is charged.</param>
    /// <param name="hasPlace">A value that indicates whether the caller has a place for a new flight. If not, this call takes one.</param>
    /// <returns>The waiter, or <see langword="null"/> if there is no place for a new flight.</returns>
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

    /// <summary>Takes places for a read, if enough are free.</summary>
    public bool TryTake(int places)
    {
        if (Interlocked.Add(ref _places, places) <= _budget.Flights)
            return true;

        GiveBack(places);
        return false;
    }

    /// <summary>Frees the places of a read that has ended.</summary>
    public void GiveBack(int places) => Interlocked.Add(ref _places, -places);

    /// <summary>Creates the failure of a read that was not sent because no place was free.</summary>
    public UserStoreException Overloaded() => new(
        UserStoreFailure.Overloaded,
        $"The reads in flight take all {_budget.Flights} places that the cache size allows; try again later.");

    /// <summary>Removes one waiter from a flight, and abandons the flight if it was the last one.</summary>
    public void RemoveWaiter(Flight flight)
    {
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
        {
            var isLast = --flight.Waiters == 0;
            OnWaiterRemoved(ref isLast);
            if (!isLast)
                return;
            RemoveFlight_NeedsLock(stripe, flight); // before it is canceled, so that no request joins it
        }

        flight.SharedRead?.Abandon();
    }

    /// <summary>Records the failure of a flight and detaches it.</summary>
    public void Fail(Flight flight, ExceptionDispatchInfo failure)
    {
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
            RemoveFlight_NeedsLock(stripe, flight);
        flight.Fail(failure);
    }

    /// <summary>Completes a flight with a valid result, which is stored in the cache if the flight is still attached.</summary>
    public void Complete(Flight flight, in StoreRead read)
    {
        var isRevalidated = read.Status == StoreReadStatus.NotModified;
        var document = isRevalidated ? flight.Held!.Document : read.Document;
        var entry = flight.Target.Alternate is null
            ? CacheEntries.ForUser(document, flight.SentAt, flight.Epoch, AsOf(flight, read))
            : CacheEntries.ForHint(flight.Found, flight.SentAt, flight.Epoch);

        var (isStored, isRejected) = (false, false);
        var stripe = StripeOf(flight.Target.CacheKey);
        lock (stripe.Gate)
        {
            var stores = flight.IsAttached;
            OnCompleting(stripe, flight, ref stores);
            if (stores)
            {
                RemoveFlight_NeedsLock(stripe, flight);
                isStored = _memory.Put(flight.Target.CacheKey, entry);
                isRejected = !isStored;
            }
            else if (flight.Target.Alternate is null)
            {
                RemoveOlderThan_NeedsLock(stripe, flight, document, read.Lsn);
            }
        }

        if (isStored)
            _freshness.NoteStored();
        else if (isRejected && _memory.IsTooLarge(flight.Target.CacheKey, entry, out var size, out var limit))
            NoteTooLarge(size, limit);
        var duration = TimeSpan.FromTicks(Math.Max(0, _freshness.Clock.Now - flight.SentAt));
        flight.Complete(new CompletedRead(entry, isStored, isRevalidated, duration));
    }

    private void NoteTooLarge(long size, long limit)
    {
        _counters.TooLarge.Increment();
        ResultTooLarge?.Invoke(size, limit);
    }

    /// <summary>
    /// Returns the position that a result reflects. A version that was confirmed by a replica that is behind the one that returned it still
    /// reflects the position of its own read.
    /// </summary>
    private static LogPosition AsOf(Flight flight, in StoreRead read) =>
        read.Status == StoreReadStatus.NotModified ? read.Position.OrLater(flight.Held!.AsOf) : read.Position;

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
