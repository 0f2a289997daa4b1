using System.Threading.RateLimiting;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Diagnostics;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;
using Lookup.Domain.Time;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>
/// A coherent, size-bounded read-through cache of users. Results are never older than <see cref="UserCacheOptions.MaxStaleness"/> unless
/// the caller allows it. Concurrent misses for the same user share one read.
/// </summary>
/// <remarks>
/// <para>
/// The guarantees for results whose <see cref="LookupResult.IsStale"/> is false: A result reflects every change that the feed could show
/// MaxStaleness before the request began. After <see cref="Apply"/> or <see cref="Evict"/> has applied a change whose position is known, no
/// request that begins later gets a version below it. For one user, versions never go back.
/// </para>
/// <para>Store failures are reported as <see cref="UserStoreException"/>. This class is thread-safe. See readme.md in this folder.</para>
/// </remarks>
public sealed partial class UserCache : IChangeSink, IDisposable
{
    /// <summary>The maximum number of users in the result of <see cref="FindAsync(AlternateKey, ReadDirectives, CancellationToken)"/>.</summary>
    public const int MaxFound = 100;

    /// <summary>The length of the queue for shared reads, as a multiple of the places that shared reads may take.</summary>
    private const int SharedReadsWaiting = 16;

    private readonly IUserStore _store;
    private readonly FreshnessTracker _freshness;
    private readonly InstanceClock _clock;
    private readonly UserCacheOptions _options;
    private readonly EntryMemory _memory;
    private readonly FlightTable _flights;
    private readonly FlightReader _reader;
    private readonly TierClient? _tier;
    private readonly CacheCounters _counters = new();
    private readonly EarlyEvictions _earlyEvictions = new();
    private readonly MemoryBudget _budget;
    private readonly UserSizes _sizes;
    private readonly ConcurrencyLimiter _sharedReads;
    private readonly TimeProvider _time;
    private readonly long _maxStaleness;
    private readonly long _maxUnseenDelete;

    /// <param name="store">The store from which users are read.</param>
    /// <param name="freshness">The freshness state of the instance, shared with the <see cref="ChangeFeedFollower"/>.</param>
    /// <param name="options">The bounds on freshness and size.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="sharedTier">The tier that is shared with other instances, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public UserCache(IUserStore store, FreshnessTracker freshness, UserCacheOptions options, TimeProvider time, SharedTierOptions? sharedTier = null)
        : this(store, freshness, options, time, MemoryBudget.FromTotal(options.SizeBytes), sharedTier)
    {
    }

    internal UserCache(
        IUserStore store,
        FreshnessTracker freshness,
        UserCacheOptions options,
        TimeProvider time,
        MemoryBudget budget,
        SharedTierOptions? sharedTier = null)
    {
        options.Validate();
        sharedTier?.Validate();
        _budget = budget;
        _sizes = new UserSizes(budget.InitialUserBytes);
        var readBytes = new ByteBudget(budget.ReadBytes, options.ReadDeadline, time);
        _store = new BoundedUserStore(store, readBytes, _sizes);
        Responses = new ByteBudget(budget.ResponseBytes, options.ReadDeadline, time);
        _time = time;
        _freshness = freshness;
        _clock = freshness.Clock;
        _options = options;
        _maxStaleness = options.MaxStaleness.Ticks;
        freshness.MaxStaleness = _maxStaleness;
        _maxUnseenDelete = options.MaxUnseenDelete?.Ticks ?? long.MaxValue;
        _memory = new EntryMemory(budget.EntryBytes, options.EvictionPolicy);
        _tier = sharedTier is null ? null : new TierClient(sharedTier, freshness, time);
        _flights = new FlightTable(freshness, _memory, _counters, budget, _tier, _maxUnseenDelete);
        _sharedReads = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = budget.SharedPlaces,
            QueueLimit = SharedReadsWaiting * budget.SharedPlaces,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _reader = new FlightReader(_store, _flights, _tier, freshness, _counters, _earlyEvictions, readBytes, _sizes, options.ReadDeadline, time);
    }

    /// <summary>Gets a value that indicates whether the cache is empty, so that no entry needs to be kept fresh.</summary>
    public bool IsEmpty => _memory.IsEmpty;

    /// <summary>
    /// Gets the callback for each result that is not stored because it is larger than the cache can hold: its size and the limit, in bytes,
    /// by the cache's estimate. It must neither block nor throw.
    /// </summary>
    /// <value>The default is <see langword="null"/>: no callback.</value>
    public Action<long, long>? ResultTooLarge
    {
        get => _flights.ResultTooLarge;
        init => _flights.ResultTooLarge = value;
    }

    /// <summary>Gets the budget of the users that are held for responses, in addition to the cached ones.</summary>
    public ByteBudget Responses { get; }

    /// <summary>Returns the estimated size of users that are not known yet, in bytes.</summary>
    public long EstimateBytes(int users) => _sizes.Of(users);

    /// <summary>Looks up a user.</summary>
    /// <param name="key">The user.</param>
    /// <param name="directives">The cache directives of the request.</param>
    /// <param name="cancellationToken">The cancellation token of the request. A shared read continues for the other requests.</param>
    /// <exception cref="UserStoreException">The store failed, and no cached result is allowed instead.</exception>
    public ValueTask<LookupResult> GetAsync(UserKey key, ReadDirectives directives, CancellationToken cancellationToken)
    {
        var now = _clock.CoarseNow;
        _freshness.NoteLookup(now);
        var entry = _memory.Use(key.CacheKey, now);
        return entry is not null && Permits(entry, now, directives, out var left)
            ? new ValueTask<LookupResult>(Hit(entry, now, left))
            : GetWithReadAsync(LookupTarget.For(key), entry, directives, cancellationToken);
    }

    /// <summary>Attempts to serve a lookup from the cache synchronously, without allocating a task.</summary>
    /// <param name="key">The user.</param>
    /// <param name="directives">The cache directives of the request.</param>
    /// <param name="result">The result that <see cref="GetAsync"/> would return, if the method returns <see langword="true"/>.</param>
    /// <returns>
    /// <see langword="true"/> if the lookup was served from the cache; otherwise, <see langword="false"/>. A <see langword="false"/> result
    /// is not counted as a miss. Call <see cref="GetAsync"/> to complete the lookup.
    /// </returns>
    public bool TryGet(in UserKey key, in ReadDirectives directives, out LookupResult result)
    {
        var now = _clock.CoarseNow;
        _freshness.NoteLookup(now);
        if (_memory.Use(key.CacheKey, now) is { } entry && Permits(entry, now, directives, out var left))
        {
            result = Hit(entry, now, left);
            return true;
        }

        result = default;
        return false;
    }

    /// <summary>Removes all entries. Results of reads that began before this call are not stored.</summary>
    public void Clear() => _flights.Clear();

    /// <inheritdoc />
    public void StartOver(long log)
    {
        _tier?.StartOver(log);
        _flights.StartOver(log);
    }

    /// <summary>Returns the counters and the current state of the cache.</summary>
    public UserCacheStatistics GetStatistics()
    {
        var (entries, bytes) = _memory.Positives;
        var (negatives, negativeBytes) = _memory.Negatives;
        var hits = _counters.Hits.Total;
        return new UserCacheStatistics
        {
            Entries = entries,
            NegativeEntries = negatives,
            Bytes = bytes + negativeBytes,
            Flights = _flights.Places,
            LsnBytes = _flights.LsnBytes,
            Hits = hits,
            Misses = _counters.Misses.Total,
            Stale = _counters.Stale.Total,
            Requested = _counters.Requested.Total,
            Revalidated = _counters.Revalidated.Total,
            Collapsed = _counters.Collapsed.Total,
            ServedStale = _counters.ServedStale.Total,
            Failures = _counters.Failures.Total,
            Updated = _counters.Updated.Total,
            Kept = _counters.Kept.Total,
            Evictions = Enum.GetValues<EvictionSource>().ToDictionary(source => source, _counters.Evictions),
            CapacityEvictions = _memory.CapacityEvictions,
            TooLarge = _counters.TooLarge.Total,
            StoreReads = _counters.StoreReads.Total,
            StoreQueries = _counters.StoreQueries.Total,
            BehindReads = _counters.BehindReads.Total,
            RequestCharge = _counters.Charge,
            RequestChargeSaved = hits * _counters.PointRead.Value,
            SharedTier = _tier?.Statistics,
        };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _memory.Dispose();
        _sharedReads.Dispose();
    }

    private LookupResult Hit(StampedEntry entry, long now, long left, AverageCharge? price = null)
    {
        _counters.Hits.Increment();
        var result = Describe(entry, now, left, LookupSource.Hit);
        if (result.IsStale)
            _counters.ServedStale.Increment();
        else if (now - entry.ReadStartedAt > _maxStaleness)
            CountSaved(entry, now, price);
        return result;
    }

    /// <summary>Records a read that only the feed has saved, once per staleness bound for each entry.</summary>
    private void CountSaved(StampedEntry entry, long now, AverageCharge? price)
    {
        var counts = entry.TryCount(now, _maxStaleness);
        OnCounting(entry, ref counts);
        if (counts)
            entry.Epoch?.Account.AddSaved(now, price?.Value ?? PriceOf(entry));
    }

    // A hook for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnCounting(StampedEntry entry, ref bool counts);
}
