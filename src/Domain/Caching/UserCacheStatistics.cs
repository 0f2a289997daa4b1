using Lookup.Domain.Feed;

namespace Lookup.Domain.Caching;

/// <summary>What a cache has done and holds, at one moment. Counts only grow; the rest is the present state.</summary>
public sealed record UserCacheStatistics
{
    /// <summary>Users and hints in memory.</summary>
    public required long Entries { get; init; }

    /// <summary>Unknown ids in memory.</summary>
    public required long NegativeEntries { get; init; }

    /// <summary>What both take, by what the cache reckons for each, in bytes; never more than they may.</summary>
    public required long Bytes { get; init; }

    /// <summary>The places that reads under way take: one for the read of one user, some more for a read of many.</summary>
    public required long Flights { get; init; }

    /// <summary>Users protected against lagging replicas after an eviction.</summary>
    public required long Fences { get; init; }

    /// <summary>Lookups answered from memory.</summary>
    public required long Hits { get; init; }

    /// <summary>Lookups for which memory had nothing.</summary>
    public required long Misses { get; init; }

    /// <summary>Lookups for which memory had something that was no longer fresh.</summary>
    public required long Stale { get; init; }

    /// <summary>Lookups that asked for a read though memory had a fresh answer.</summary>
    public required long Requested { get; init; }

    /// <summary>Lookups for which the store confirmed what memory had (304).</summary>
    public required long Revalidated { get; init; }

    /// <summary>Lookups that joined another's read.</summary>
    public required long Collapsed { get; init; }

    /// <summary>Lookups answered with more than the promised age, because the caller or the owner allowed it.</summary>
    public required long ServedStale { get; init; }

    /// <summary>Lookups that ended with an error of the store.</summary>
    public required long Failures { get; init; }

    /// <summary>Evictions of something that memory held, by who asked for them.</summary>
    public required IReadOnlyDictionary<EvictionSource, long> Evictions { get; init; }

    /// <summary>What was removed from memory to make room.</summary>
    public required long CapacityEvictions { get; init; }

    /// <summary>Reads sent to the store.</summary>
    public required long StoreReads { get; init; }

    /// <summary>Queries sent to the store.</summary>
    public required long StoreQueries { get; init; }

    /// <summary>Reads that were sent again because a replica lagged behind a change already seen.</summary>
    public required long BehindReads { get; init; }

    /// <summary>What reads and queries have cost, in request units.</summary>
    public required double RequestCharge { get; init; }

    /// <summary>What the hits would have cost as point reads, at the average so far, in request units.</summary>
    public required double RequestChargeSaved { get; init; }
}
