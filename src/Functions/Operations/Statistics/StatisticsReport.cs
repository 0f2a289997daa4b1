using Lookup.Domain.Caching;

namespace Lookup.Functions.Operations.Statistics;

/// <summary>The answer of <c>GET /api/stats</c>.</summary>
internal sealed record StatisticsReport
{
    /// <summary>The instance that all of this is about.</summary>
    public required string Instance { get; init; }

    public required UserCacheStatistics Cache { get; init; }

    public required FeedReport Feed { get; init; }

    /// <summary>What reads, queries and polls have cost since the start.</summary>
    public required double RequestUnitsSpent { get; init; }

    /// <summary>What the hits would have cost as point reads.</summary>
    public required double RequestUnitsSaved { get; init; }

    /// <summary>For how long the instance has been running, in seconds.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>The promise: <c>Lookup__MaxStaleness</c>.</summary>
    public required double MaxStalenessSeconds { get; init; }

    /// <summary><c>Lookup__PollInterval</c>.</summary>
    public required double PollIntervalSeconds { get; init; }

    /// <summary>The requests for users, by function and outcome; each combination is there, with 0 too.</summary>
    public required IReadOnlyList<RequestReport> Requests { get; init; }

    /// <summary>How old the answers were.</summary>
    public required StalenessReport Staleness { get; init; }

    public required StoreReport Store { get; init; }

    public required MemoryReport Memory { get; init; }

    public required ProbeReport Probe { get; init; }
}

/// <summary>How many requests ended in one way.</summary>
/// <param name="Function"><c>GetUser</c>, <c>FindUsers</c> or <c>LookupUsers</c>.</param>
/// <param name="Outcome">
/// <c>hit</c>, <c>miss</c>, <c>stale</c>, <c>requested</c>, <c>revalidated</c>, <c>collapsed</c>, <c>servedStale</c>, <c>notCached</c> or
/// <c>error</c>: each request has one.
/// </param>
/// <param name="Count">Since the start.</param>
internal sealed record RequestReport(string Function, string Outcome, long Count);

/// <summary>How old the answers to requests were, since the start: for how long they had not been confirmed.</summary>
internal sealed record StalenessReport
{
    /// <summary>Upper bounds of the buckets, each within its own; <c>Lookup__MaxStaleness</c> is one of them.</summary>
    public required IReadOnlyList<double> BoundariesSeconds { get; init; }

    /// <summary>Requests in each bucket: one more than there are bounds, for what lies above the last.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    public required double SumSeconds { get; init; }

    public required double MaxSeconds { get; init; }
}

/// <summary>How the instance follows the change feed.</summary>
internal sealed record FeedReport
{
    /// <summary>Grows at every gap.</summary>
    public required long Epoch { get; init; }

    /// <summary>Whether the feed covers what is read from now on.</summary>
    public required bool Armed { get; init; }

    /// <summary>How long ago the feed confirmed all that memory holds; absent while it does not.</summary>
    public double? ConfirmedAgeSeconds { get; init; }

    /// <summary>Whether polling is paused, since memory is empty or nobody looks users up; lag and ages grow then, and mean nothing.</summary>
    public required bool Paused { get; init; }

    public required long Polls { get; init; }

    public required long Changes { get; init; }

    /// <summary>What polling has cost, in request units.</summary>
    public required double RequestCharge { get; init; }

    public required IReadOnlyList<FeedRangeReport> Ranges { get; init; }
}

/// <summary>One feed range.</summary>
/// <param name="Range">Its name.</param>
/// <param name="LagSeconds">How long ago it was read to its end; absent while it never was.</param>
/// <param name="ConfirmedAgeSeconds">
/// The same, but absent also while the feed is not armed: until every range was read to its end none of them confirms anything.
/// </param>
internal sealed record FeedRangeReport(string Range, double? LagSeconds = null, double? ConfirmedAgeSeconds = null);

/// <summary>What this instance asked of the store, since the start; the change feed is not in it.</summary>
internal sealed record StoreReport
{
    /// <summary>Reads of one or many users that were answered.</summary>
    public required long Reads { get; init; }

    /// <summary>Queries for an alternate key that were answered.</summary>
    public required long Queries { get; init; }

    /// <summary>Calls that ended, with an answer or a failure.</summary>
    public required long DurationCount { get; init; }

    /// <summary>How long these took together.</summary>
    public required double DurationSumSeconds { get; init; }

    /// <summary>Calls that failed, throttled ones among them.</summary>
    public required long Failures { get; init; }

    /// <summary>Calls that failed because the store asked for fewer requests (429).</summary>
    public required long Throttled { get; init; }
}

/// <summary>What the process holds in memory, now.</summary>
internal sealed record MemoryReport
{
    /// <summary>Users, unknown ids and hints, by the cache's own estimate.</summary>
    public required long CacheBytes { get; init; }

    /// <summary><c>Lookup__CacheSizeBytes</c>; reads under way and fences have a part of it.</summary>
    public required long CacheLimitBytes { get; init; }

    /// <summary>What the process has of the machine's memory.</summary>
    public required long WorkingSetBytes { get; init; }

    /// <summary>The managed heap.</summary>
    public required long HeapBytes { get; init; }
}

/// <summary>What the consistency probe has found since the start.</summary>
internal sealed record ProbeReport
{
    /// <summary>Whether <c>Lookup__ProbeRequestUnitsPerSecond</c> is above 0.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Users that were compared with the store.</summary>
    public required long Sampled { get; init; }

    /// <summary>Those that would have been served as fresh, and missed a change older than the promise. It should stay 0 for ever.</summary>
    public required long Violations { get; init; }

    /// <summary>The longest for which memory had surely missed a change.</summary>
    public required double StalenessMaxSeconds { get; init; }

    /// <summary>What the probe's own reads have cost, in request units.</summary>
    public required double RequestCharge { get; init; }
}
