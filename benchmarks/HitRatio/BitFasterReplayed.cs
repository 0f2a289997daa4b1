using BitFaster.Caching;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using BitFaster.Caching.Scheduler;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>The caches of BitFaster, bounded by a number of entries.</summary>
internal sealed class BitFasterReplayed : IReplayed
{
    private readonly ICache<int, int> _cache;

    private BitFasterReplayed(ICache<int, int> cache) => _cache = cache;

    public long StoreReads { get; private set; }

    public static BitFasterReplayed Lru(int capacity) =>
        new(new ConcurrentLru<int, int>(1, Math.Max(3, capacity), EqualityComparer<int>.Default));

    /// <summary>Creates a W-TinyLFU cache. Its maintenance runs inline with the accesses, so that every run is the same.</summary>
    public static BitFasterReplayed Lfu(int capacity) =>
        new(new ConcurrentLfu<int, int>(1, Math.Max(3, capacity), new ForegroundScheduler(), EqualityComparer<int>.Default));

    public void Access(int key)
    {
        if (_cache.TryGet(key, out _))
            return;

        StoreReads++;
        _cache.AddOrUpdate(key, key);
    }

    public void Dispose()
    {
    }
}
