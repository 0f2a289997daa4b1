using System.Threading.RateLimiting;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Time;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>
/// Answers «who is user X?» from memory, and never with more than <see cref="UserCacheOptions.MaxStaleness"/> of age unless the
/// caller allows it. Reads through to the store on a miss, once for all who ask at the same time.
/// </summary>
/// <remarks>
/// <para>
/// What is promised, for answers whose <see cref="LookupResult.IsStale"/> is false: they reflect every change that the feed could show
/// MaxStaleness before the request began; after <see cref="Evict"/> of a change was applied, no request that begins later gets a
/// version below it; and for one user versions never go back.
/// </para>
/// <para>Failures of the store are <see cref="UserStoreException"/>. Safe for concurrent use. See readme.md beside this file.</para>
/// </remarks>
public sealed partial class UserCache : IChangeSink, IDisposable
{
    /// <summary>The most users that <see cref="FindAsync"/> lists.</summary>
    public const int MaxFound = 100;

    /// <summary>How many times as much may wait for a shared read as may be under way.</summary>
    private const int SharedReadsWaiting = 16;

    private readonly IUserStore _store;
    private readonly FreshnessTracker _freshness;
    private readonly InstanceClock _clock;
    private readonly UserCacheOptions _options;
    private readonly EntryMemory _memory;
    private readonly FlightTable _flights;
    private readonly FlightReader _reader;
    private readonly CacheCounters _counters = new();
    private readonly MemoryBudget _budget;
    private readonly ConcurrencyLimiter _sharedReads;
    private readonly TimeProvider _time;
    private readonly long _maxStaleness;
    private readonly long _maxUnseenDelete;

    /// <param name="store">Where users are read.</param>
    /// <param name="freshness">What the instance knows of the feed; shared with the <see cref="ChangeFeedFollower"/>.</param>
    /// <param name="options">The bounds of the promise.</param>
    /// <param name="time">The clocks.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public UserCache(IUserStore store, FreshnessTracker freshness, UserCacheOptions options, TimeProvider time)
        : this(store, freshness, options, time, MemoryBudget.FromTotal(options.SizeBytes))
    {
    }

    internal UserCache(
        IUserStore store,
        FreshnessTracker freshness,
        UserCacheOptions options,
        TimeProvider time,
        MemoryBudget budget)
    {
        options.Validate();
        _store = store;
        _budget = budget;
        _time = time;
        _freshness = freshness;
        _clock = freshness.Clock;
        _options = options;
        _maxStaleness = options.MaxStaleness.Ticks;
        _maxUnseenDelete = options.MaxUnseenDelete?.Ticks ?? long.MaxValue;
        _memory = new EntryMemory(budget.EntryBytes, options.EvictionPolicy);
        _flights = new FlightTable(freshness, _memory, _counters, budget, options);
        _sharedReads = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = budget.SharedPlaces,
            QueueLimit = SharedReadsWaiting * budget.SharedPlaces,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _reader = new FlightReader(store, _flights, freshness, _counters, options.ReadDeadline, time);
    }

    /// <summary>Whether memory holds nothing, so that there is nothing to keep fresh.</summary>
    public bool IsEmpty => _memory.IsEmpty;

    /// <summary>Looks a user up.</summary>
    /// <param name="key">Which user.</param>
    /// <param name="directives">What the caller asks of the answer.</param>
    /// <param name="cancellationToken">The caller's; a caller that gives up does not fail the read for others.</param>
    /// <exception cref="UserStoreException">The store could not answer, and nothing in memory may stand in.</exception>
    public ValueTask<LookupResult> GetAsync(UserKey key, ReadDirectives directives, CancellationToken cancellationToken)
    {
        var now = _clock.CoarseNow;
        _freshness.NoteLookup(now);
        var entry = _memory.Use(key.CacheKey, now);
        return entry is not null && Permits(entry, now, directives, out var left)
            ? new ValueTask<LookupResult>(Hit(entry, now, left))
            : GetWithReadAsync(LookupTarget.For(key), entry, directives, cancellationToken);
    }

    /// <summary>Looks a user up in memory alone: for callers who would rather not make a task of what is done at once.</summary>
    /// <param name="key">Which user.</param>
    /// <param name="directives">What the caller asks of the answer.</param>
    /// <param name="answer">The answer that <see cref="GetAsync"/> would give, where the result is <see langword="true"/>.</param>
    /// <returns>
    /// Whether memory could answer at once. Where it could not, nothing was counted as a miss, and <see cref="GetAsync"/> does the rest.
    /// </returns>
    public bool TryGet(in UserKey key, in ReadDirectives directives, out LookupResult answer)
    {
        var now = _clock.CoarseNow;
        _freshness.NoteLookup(now);
        if (_memory.Use(key.CacheKey, now) is { } entry && Permits(entry, now, directives, out var left))
        {
            answer = Hit(entry, now, left);
            return true;
        }

        answer = default;
        return false;
    }

    /// <summary>Makes this instance forget what a change has made stale: the user, and the hints for its alternate keys.</summary>
    /// <remarks>
    /// Applies at once and cannot fail: no request that begins after this call gets a version below the change, and no read that
    /// began before it is stored.
    /// </remarks>
    public void Evict(in UserChange change, EvictionSource source)
    {
        if (_flights.Evict(change.Key.CacheKey, change.Lsn))
            _counters.AddEviction(source);

        // No floor: its number says nothing about the other ranges that a query for the alternate key reads.
        foreach (var alternate in change.AlternateKeys)
            _flights.Evict(alternate.CacheKey, 0);
    }

    /// <summary>Makes this instance forget everything.</summary>
    public void Clear() => _flights.Clear();

    /// <summary>
    /// Makes this instance forget everything, and also how far the store's log had come: another log begins, whose numbers say nothing
    /// about the old one's.
    /// </summary>
    public void StartOver() => _flights.StartOver();

    /// <summary>What the cache has done and holds.</summary>
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
            Fences = _flights.MinimumLsnCount,
            Hits = hits,
            Misses = _counters.Misses.Total,
            Stale = _counters.Stale.Total,
            Requested = _counters.Requested.Total,
            Revalidated = _counters.Revalidated.Total,
            Collapsed = _counters.Collapsed.Total,
            ServedStale = _counters.ServedStale.Total,
            Failures = _counters.Failures.Total,
            Evictions = Enum.GetValues<EvictionSource>().ToDictionary(source => source, _counters.Evictions),
            CapacityEvictions = _memory.CapacityEvictions,
            StoreReads = _counters.StoreReads.Total,
            StoreQueries = _counters.StoreQueries.Total,
            BehindReads = _counters.BehindReads.Total,
            RequestCharge = _counters.Charge,
            RequestChargeSaved = hits * _counters.AveragePointReadCharge,
        };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _memory.Dispose();
        _sharedReads.Dispose();
    }

    private LookupResult Hit(StampedEntry entry, long now, long left)
    {
        _counters.Hits.Increment();
        var answer = Describe(entry, now, left, LookupSource.Hit);
        if (answer.IsStale)
            _counters.ServedStale.Increment();
        return answer;
    }
}
