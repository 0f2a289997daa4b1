using Lookup.Domain.Feed;
using Lookup.Domain.SharedTier;

namespace Lookup.Domain.Caching;

/// <summary>The counters and the current state of a cache. The counters are monotonic.</summary>
public sealed record UserCacheStatistics
{
    /// <summary>Gets the number of cached users and hints.</summary>
    public required long Entries { get; init; }

    /// <summary>Gets the number of cached unknown ids.</summary>
    public required long NegativeEntries { get; init; }

    /// <summary>Gets the estimated size of all entries, in bytes. It never exceeds their share of the cache size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets the number of places that reads in flight take: one for a read of one user, more for a shared read.</summary>
    public required long Flights { get; init; }

    /// <summary>
    /// Gets the memory of the known log sequence numbers (LSNs), which protect users against lagging replicas, in bytes. It grows with the
    /// number of partitions only.
    /// </summary>
    public required long LsnBytes { get; init; }

    /// <summary>Gets the number of lookups that were served from the cache without a read.</summary>
    public required long Hits { get; init; }

    /// <summary>Gets the number of lookups without a cached entry.</summary>
    public required long Misses { get; init; }

    /// <summary>Gets the number of lookups whose cached entry was no longer fresh.</summary>
    public required long Stale { get; init; }

    /// <summary>Gets the number of lookups that required a read although the cached entry was fresh.</summary>
    public required long Requested { get; init; }

    /// <summary>Gets the number of lookups for which the store confirmed the cached version (304).</summary>
    public required long Revalidated { get; init; }

    /// <summary>Gets the number of lookups that joined the read of another lookup.</summary>
    public required long Collapsed { get; init; }

    /// <summary>Gets the number of lookups with a stale result, which the request or the operator allowed.</summary>
    public required long ServedStale { get; init; }

    /// <summary>Gets the number of lookups that failed because of the store.</summary>
    public required long Failures { get; init; }

    /// <summary>Gets the number of evictions of cached entries, by source.</summary>
    public required IReadOnlyDictionary<EvictionSource, long> Evictions { get; init; }

    /// <summary>Gets the number of entries that were replaced by the document in a change, which saved a read each.</summary>
    public required long Updated { get; init; }

    /// <summary>Gets the number of changes that a cached entry already reflected, because it was read ahead of the feed.</summary>
    public required long Kept { get; init; }

    /// <summary>Gets the number of entries that were evicted because the cache was full.</summary>
    public required long CapacityEvictions { get; init; }

    /// <summary>
    /// Gets the number of results that were not stored because one of them is larger than the cache can hold. Such a user is read again for
    /// each lookup.
    /// </summary>
    public required long TooLarge { get; init; }

    /// <summary>Gets the number of reads sent to the store.</summary>
    public required long StoreReads { get; init; }

    /// <summary>Gets the number of queries sent to the store.</summary>
    public required long StoreQueries { get; init; }

    /// <summary>Gets the number of reads that were repeated because a replica lagged behind a known change.</summary>
    public required long BehindReads { get; init; }

    /// <summary>Gets the total cost of reads and queries, in request units.</summary>
    public required double RequestCharge { get; init; }

    /// <summary>Gets the estimated cost of the hits as point reads, at the average cost so far, in request units.</summary>
    public required double RequestChargeSaved { get; init; }

    /// <summary>Gets the use of the shared tier, or <see langword="null"/> if there is none.</summary>
    public SharedTierStatistics? SharedTier { get; init; }
}
