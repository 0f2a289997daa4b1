using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace Lookup.Benchmarks.Races;

/// <summary>Caches that .NET programs use, each with its ways of invalidation.</summary>
internal static class Contenders
{
    private const string Key = "u1";

    public static IEnumerable<Func<IContender>> All =>
    [
        () => new MemoryCacheContender(),
        () => new HybridCacheContender("HybridCache RemoveAsync", cache => cache.RemoveAsync(Key)),
        () => new HybridCacheContender("HybridCache RemoveByTagAsync", cache => cache.RemoveByTagAsync("users")),
        () => new FusionCacheContender("FusionCache Remove", cache => cache.RemoveAsync(Key)),
        () => new FusionCacheContender("FusionCache Expire", cache => cache.ExpireAsync(Key)),
        () => new LookupContender(),
    ];

    private sealed class MemoryCacheContender : IContender
    {
        private readonly MemoryCache _cache = new(new MemoryCacheOptions());

        public string Name => "MemoryCache GetOrCreateAsync + Remove";

        public async ValueTask<int> GetAsync(VersionedSource source) => await _cache.GetOrCreateAsync(Key, _ => source.ReadAsync());

        public ValueTask InvalidateAsync()
        {
            _cache.Remove(Key);
            return default;
        }

        public ValueTask DisposeAsync()
        {
            _cache.Dispose();
            return default;
        }
    }

    private sealed class HybridCacheContender : IContender
    {
        private readonly Func<HybridCache, ValueTask> _invalidate;
        private readonly ServiceProvider _services;
        private readonly HybridCache _cache;

        public HybridCacheContender(string name, Func<HybridCache, ValueTask> invalidate)
        {
            Name = name;
            _invalidate = invalidate;
            var services = new ServiceCollection();
            services.AddHybridCache();
            _services = services.BuildServiceProvider();
            _cache = _services.GetRequiredService<HybridCache>();
        }

        public string Name { get; }

        public ValueTask<int> GetAsync(VersionedSource source) =>
            _cache.GetOrCreateAsync(Key, async _ => await source.ReadAsync(), tags: ["users"]);

        public ValueTask InvalidateAsync() => _invalidate(_cache);

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }

    private sealed class FusionCacheContender(string name, Func<IFusionCache, ValueTask> invalidate) : IContender
    {
        private readonly FusionCache _cache = new(new FusionCacheOptions());

        public string Name => name;

        public ValueTask<int> GetAsync(VersionedSource source) => _cache.GetOrSetAsync(Key, async _ => await source.ReadAsync());

        public ValueTask InvalidateAsync() => invalidate(_cache);

        public ValueTask DisposeAsync()
        {
            _cache.Dispose();
            return default;
        }
    }
}
