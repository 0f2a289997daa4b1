using Lookup.Domain.Caching;

namespace Lookup.Functions.Operations.Statistics;

// The summaries of these types describe values, because they are the descriptions in the OpenAPI document.

/// <summary>The body of <c>GET /api/stats</c>. Counts start at 0 when the instance starts.</summary>
internal sealed record StatisticsReport
{
    /// <summary>The id of the instance.</summary>
    public required string Instance { get; init; }

    /// <summary>The counters and the state of the cache.</summary>
    public required UserCacheStatistics Cache { get; init; }

    /// <summary>The state and the counters of the change feed.</summary>
    public required FeedReport Feed { get; init; }

    /// <summary>The cost of reads, queries, polls and the probe, in request units.</summary>
    public required double RequestUnitsSpent { get; init; }

    /// <summary>The estimated cost of the hits if they had been point reads, in request units.</summary>
    public required double RequestUnitsSaved { get; init; }

    /// <summary>The time for which the instance has been running, in seconds.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>The staleness bound, <c>Lookup__MaxStaleness</c>, in seconds.</summary>
    public required double MaxStalenessSeconds { get; init; }

    /// <summary>The poll interval, <c>Lookup__PollInterval</c>, in seconds.</summary>
    public required double PollIntervalSeconds { get; init; }

    /// <summary>
    /// The requests for users, by function and outcome. Each combination is listed, even if its count is 0; <c>sharedTier</c> only if there is
    /// a shared tier.
    /// </summary>
    public required IReadOnlyList<RequestReport> Requests { get; init; }

    /// <summary>The distribution of the age of results.</summary>
    public required StalenessReport Staleness { get; init; }

    /// <summary>The calls to the store.</summary>
    public required StoreReport Store { get; init; }

    /// <summary>The memory usage.</summary>
    public required MemoryReport Memory { get; init; }

    /// <summary>The counters of the consistency probe.</summary>
    public required ProbeReport Probe { get; init; }

    /// <summary>The calls to the shared tier. Omitted if there is none. The users that it returned are in <c>cache.sharedTier</c>.</summary>
    public SharedTierReport? SharedTier { get; init; }
}

/// <summary>The number of requests with one outcome.</summary>
/// <param name="Function"><c>GetUser</c>, <c>FindUsers</c> or <c>LookupUsers</c>.</param>
/// <param name="Outcome">
/// <c>hit</c>, <c>miss</c>, <c>sharedTier</c>, <c>stale</c>, <c>requested</c>, <c>revalidated</c>, <c>collapsed</c>, <c>servedStale</c>, <c>notCached</c>,
/// <c>error</c> or <c>overBudget</c>. Each request has exactly one.
/// </param>
/// <param name="Count">The number of requests.</param>
internal sealed record RequestReport(string Function, string Outcome, long Count);

/// <summary>The distribution of the age of results: the time since they were last confirmed.</summary>
internal sealed record StalenessReport
{
    /// <summary>The inclusive upper bounds of the buckets, in seconds. <c>Lookup__MaxStaleness</c> is one of them.</summary>
    public required IReadOnlyList<double> BoundariesSeconds { get; init; }

    /// <summary>The number of requests in each bucket. There is one more bucket than there are bounds, for ages above the last bound.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>The sum of all ages, in seconds.</summary>
    public required double SumSeconds { get; init; }

    /// <summary>The maximum age, in seconds.</summary>
    public required double MaxSeconds { get; init; }
}

/// <summary>The state and the counters of the change feed.</summary>
internal sealed record FeedReport
{
    /// <summary>The number of the latest epoch. It increases at every gap in a range.</summary>
    public required long Epoch { get; init; }

    /// <summary>A value that indicates whether the feed covers all users that are read from now on, of every range.</summary>
    public required bool Armed { get; init; }

    /// <summary>The time since the feed last confirmed all cached entries, in seconds. Omitted while a range is not armed.</summary>
    public double? ConfirmedAgeSeconds { get; init; }

    /// <summary>
    /// A value that indicates whether polling is paused, because the cache is empty or there are no lookups. While it is paused, the lag
    /// and the ages grow but are not significant.
    /// </summary>
    public required bool Paused { get; init; }

    /// <summary>The number of pages that were read.</summary>
    public required long Polls { get; init; }

    /// <summary>The number of changes on these pages.</summary>
    public required long Changes { get; init; }

    /// <summary>The cost of polling, in request units.</summary>
    public required double RequestCharge { get; init; }

    /// <summary>The feed ranges.</summary>
    public required IReadOnlyList<FeedRangeReport> Ranges { get; init; }
}

/// <summary>The state of one feed range.</summary>
/// <param name="Range">The name of the range.</param>
/// <param name="LagSeconds">
/// The time since the range was last read to its end, in seconds. Omitted if it was not since its last gap.
/// </param>
/// <param name="ConfirmedAgeSeconds">The time since the range last confirmed its cached users, which is the same.</param>
internal sealed record FeedRangeReport(string Range, double? LagSeconds = null, double? ConfirmedAgeSeconds = null)
{
    /// <summary>
    /// When the range is polled: <c>paused</c> (not at all, because there are no lookups), <c>background</c> (at an interval), or
    /// <c>onDemand</c> (for requests, if a poll is cheaper than their reads, because more polls would cost more than they save).
    /// </summary>
    public required string Polling { get; init; }

    /// <summary>The interval of polls in the background, in seconds. Omitted if there are none.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>The cost of polling the range, in request units.</summary>
    public required double RequestCharge { get; init; }

    /// <summary>The cost of the reads that following the range has saved, in request units.</summary>
    public required double RequestChargeSaved { get; init; }
}

/// <summary>The calls of this instance to the store, except those of the change feed.</summary>
internal sealed record StoreReport
{
    /// <summary>The number of successful reads of one or several users.</summary>
    public required long Reads { get; init; }

    /// <summary>The number of successful queries by alternate key.</summary>
    public required long Queries { get; init; }

    /// <summary>The number of calls that completed, successfully or not.</summary>
    public required long DurationCount { get; init; }

    /// <summary>The total duration of these calls, in seconds.</summary>
    public required double DurationSumSeconds { get; init; }

    /// <summary>The number of calls that failed, including throttled ones.</summary>
    public required long Failures { get; init; }

    /// <summary>The number of calls that failed because the store throttled them (429).</summary>
    public required long Throttled { get; init; }
}

/// <summary>The current memory usage of the process.</summary>
internal sealed record MemoryReport
{
    /// <summary>The size of the cached users, unknown ids and hints, as estimated by the cache.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>The size limit, <c>Lookup__CacheSizeBytes</c>. Reads in flight, responses and known log sequence numbers take a part of it.</summary>
    public required long CacheLimitBytes { get; init; }

    /// <summary>The working set of the process.</summary>
    public required long WorkingSetBytes { get; init; }

    /// <summary>The size of the managed heap.</summary>
    public required long HeapBytes { get; init; }
}

/// <summary>The counters of the consistency probe.</summary>
internal sealed record ProbeReport
{
    /// <summary>A value that indicates whether the probe is enabled (<c>Lookup__ProbeRequestUnitsPerSecond</c>).</summary>
    public required bool Enabled { get; init; }

    /// <summary>The number of users that were compared with the store.</summary>
    public required long Sampled { get; init; }

    /// <summary>
    /// The number of samples in which a user was cached as fresh, and missed a change older than the staleness bound. It must stay 0.
    /// </summary>
    public required long Violations { get; init; }

    /// <summary>The longest time for which the cache is known to have missed a change, in seconds.</summary>
    public required double StalenessMaxSeconds { get; init; }

    /// <summary>The cost of the probe's reads, in request units.</summary>
    public required double RequestCharge { get; init; }
}

/// <summary>The state of the shared tier, and the calls of this instance to it.</summary>
internal sealed record SharedTierReport
{
    /// <summary>The kind and the first address of the server.</summary>
    public required string Server { get; init; }

    /// <summary>A value that indicates whether entries are sealed (<c>Lookup__SharedTierKey</c>).</summary>
    public required bool Sealed { get; init; }

    /// <summary>
    /// A value that indicates whether lookups use the tier. They do not until the account has been read and has one write region, and the
    /// identity of the container is known.
    /// </summary>
    public required bool Used { get; init; }

    /// <summary>
    /// A value that indicates whether reads are sent to the tier. They are not after several failures in a row, until a probe succeeds.
    /// </summary>
    public required bool Responding { get; init; }

    /// <summary>The number of entries that were written.</summary>
    public required long Writes { get; init; }

    /// <summary>The number of entries that were not written, because the tier did not accept the last writes or too many were queued.</summary>
    public required long DroppedWrites { get; init; }

    /// <summary>The number of entries that were not written because they are larger than 64 KiB.</summary>
    public required long TooLarge { get; init; }

    /// <summary>The number of calls that failed, without those that reached the time limit.</summary>
    public required long Failures { get; init; }

    /// <summary>The number of calls that reached the time limit, <c>Lookup__SharedTierTimeout</c>.</summary>
    public required long Timeouts { get; init; }

    /// <summary>The number of reads and deletions that were not sent, because the tier did not respond or too many were in flight.</summary>
    public required long NotSent { get; init; }

    /// <summary>The number of values that no key could open. They grow while keys are rotated, and if instances have different keys.</summary>
    public required long Unopened { get; init; }

    /// <summary>The number of snapshots of the feed that this instance has written, for instances that start. One instance writes about every 15 s.</summary>
    public required long SnapshotsWritten { get; init; }

    /// <summary>The number of attempts to load or write a snapshot of the feed that failed.</summary>
    public required long SnapshotFailures { get; init; }
}
