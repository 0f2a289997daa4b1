using Lookup.Domain.Caching;
using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>A way to choose who gives way.</summary>
/// <param name="Name">What it is called in the tables.</param>
/// <param name="StoreReads">How often a cache of a number of entries reads the store over a trace.</param>
internal sealed record Policy(string Name, Func<AccessTrace, int, long> StoreReads)
{
    /// <summary>The first is the one that the others are measured against.</summary>
    public static IReadOnlyList<Policy> All { get; } =
    [
        Of("UserCache, LeastRecentlyUsed", (trace, capacity) => new UserCacheReplayed(EvictionPolicy.LeastRecentlyUsed, capacity, trace.Keys)),
        Of("UserCache, S3Fifo", (trace, capacity) => new UserCacheReplayed(EvictionPolicy.S3Fifo, capacity, trace.Keys)),
        Of("exact LRU", (_, capacity) => new ExactLru(capacity)),
        Of("BitFaster ConcurrentLru", (_, capacity) => BitFasterReplayed.Lru(capacity)),
        Of("BitFaster ConcurrentLfu", (_, capacity) => BitFasterReplayed.Lfu(capacity)),
        new Policy("optimum", Optimum.StoreReads),
    ];

    private static Policy Of(string name, Func<AccessTrace, int, IReplayed> make) => new(name, (trace, capacity) =>
    {
        using var cache = make(trace, capacity);
        foreach (var key in trace.Accesses)
            cache.Access(key);
        return cache.StoreReads;
    });
}
