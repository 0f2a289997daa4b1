using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// The attached flights and the known LSNs of all keys. This class determines which results are stored. It sends no reads itself.
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
    private readonly LsnSketches _lsns;
    private readonly long _maxUnseenDelete;

    private int _places;

    public FlightTable(
        FreshnessTracker freshness,
        EntryMemory memory,
        CacheCounters counters,
        MemoryBudget budget,
        TierClient? tier = null,
        long maxUnseenDelete = long.MaxValue)
    {
        _freshness = freshness;
        _memory = memory;
        _counters = counters;
        _budget = budget;
        _lsns = new LsnSketches(budget.LsnElements);
        _maxUnseenDelete = maxUnseenDelete;
        _tier = tier;
        if (tier is not null)
            freshness.Coverage = _coverage = new FeedCoverage(_lsns, freshness);
        _stripes = new Stripe[budget.Stripes];
        for (var i = 0; i < _stripes.Length; i++)
            _stripes[i] = new Stripe();
    }

    /// <summary>Gets the number of places that reads in flight take, including those of detached flights.</summary>
    public int Places => Volatile.Read(ref _places);

    /// <summary>Gets the memory of the known LSNs, in bytes.</summary>
    public long LsnBytes => _lsns.Bytes;

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
    /// <param name="asksTier">A value that indicates whether the entry of a user that is not cached may come from the shared tier.</param>
    /// <returns>The waiter, or <see langword="null"/> if there is no place for a new flight.</returns>
    public FlightWaiter? JoinOrStart(LookupTarget target, bool shared, long earliest, IRequestUnitBudget? budget, bool hasPlace, bool asksTier = false)
    {
        var hash = LsnSketches.HashOf(target.CacheKey);
        var stripe = StripeOf(hash);
        lock (stripe.Gate)
        {
            var joins = shared;
            OnJoining(ref joins);
            if (joins && stripe.Flights.TryGetValue(target.CacheKey, out var attached))
                return attached.Join();

            var held = _memory.Find(target.CacheKey);
            if (shared && held is not null && held.ReadStartedAt > earliest && !held.HasEnded(_freshness.Clock.Now))
                return Flight.Completed(target, held);

            if (!hasPlace && !TryTake(1))
                return null;

            var flight = new Flight(target, held, budget) { AsksTier = asksTier && held is null && target.Alternate is null };
            OnAttached(flight, hash);
            if (shared)
            {
                flight.IsAttached = true;
                stripe.Flights[target.CacheKey] = flight;
            }

            return flight.Initiator;
        }
    }

    /// <summary>Determines whether a read of the key is in progress that a request can join.</summary>
    public bool IsReading(LookupTarget target)
    {
        var stripe = StripeOf(LsnSketches.HashOf(target.CacheKey));
        lock (stripe.Gate)
            return stripe.Flights.ContainsKey(target.CacheKey);
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
        var stripe = StripeOf(LsnSketches.HashOf(flight.Target.CacheKey));
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
        var stripe = StripeOf(LsnSketches.HashOf(flight.Target.CacheKey));
        lock (stripe.Gate)
            RemoveFlight_NeedsLock(stripe, flight);
        flight.Fail(failure);
    }

    private static void RemoveFlight_NeedsLock(Stripe stripe, Flight flight)
    {
        flight.IsAttached = false;
        var cacheKey = flight.Target.CacheKey;
        if (stripe.Flights.TryGetValue(cacheKey, out var attached) && ReferenceEquals(attached, flight))
            stripe.Flights.Remove(cacheKey);
    }

    private Stripe StripeOf(ulong hash) => _stripes[(int)hash & (_stripes.Length - 1)];
}
