using Lookup.Domain.Caching;
using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>An eviction policy.</summary>
/// <param name="Name">The name in the tables.</param>
/// <param name="StoreReads">Returns the number of store reads of a cache with a number of entries over a trace.</param>
internal sealed record Policy(string Name, Func<AccessTrace, int, long> StoreReads)
{
    /// <summary>Gets all policies. The first one is the baseline.</summary>
    public static IReadOnlyList<Policy> All { get; } =
    [
        Of("UserCache, LeastRecentlyUsed", (trace, capacity) => new UserCacheReplayed(EvictionPolicy.LeastRecentlyUsed, capacity, trace.Keys)),
        Of("UserCache, S3Fifo", (trace, capacity) => new UserCacheReplayed(EvictionPolicy.S3Fifo, capacity, trace.Keys)),
        Of("exact LRU", (_, capacity) => new ExactLru(capacity)),
        Of("BitFaster ConcurrentLru", (_, capacity) => BitFasterReplayed.Lru(capacity)),
        Of("BitFaster ConcurrentLfu", (_, capacity) => BitFasterReplayed.Lfu(capacity)),
        new Policy("optimum", BeladyOptimum.StoreReads),
    ];

    private static Policy Of(string name, Func<AccessTrace, int, IReplayed> make) => new(name, (trace, capacity) =>
    {
        using var cache = make(trace, capacity);
        foreach (var key in trace.Accesses)
            cache.Access(key);
        return cache.StoreReads;
    });
}
