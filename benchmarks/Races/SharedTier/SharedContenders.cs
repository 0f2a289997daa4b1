using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace Lookup.Benchmarks.Races.SharedTier;

/// <summary>Caches that .NET programs use with Redis, each with its ways of invalidation.</summary>
internal static class SharedContenders
{
    private const int Instances = 3;

    /// <summary>Gets the functions that start a contender on a port of Redis.</summary>
    public static IEnumerable<Func<int, Task<ISharedContender>>> All =>
    [
        port => StartAsync(new Fusion("FusionCache Remove, backplane", port, hasBackplane: true, (cache, key) => cache.RemoveAsync(key))),
        port => StartAsync(new Fusion("FusionCache Expire, backplane", port, hasBackplane: true, (cache, key) => cache.ExpireAsync(key))),
        port => StartAsync(new Fusion("FusionCache RemoveByTag, backplane", port, hasBackplane: true, (cache, key) => cache.RemoveByTagAsync(key))),
        port => StartAsync(new Fusion("FusionCache Remove, no backplane", port, hasBackplane: false, (cache, key) => cache.RemoveAsync(key))),
        port => StartAsync(new Hybrid("HybridCache RemoveAsync", port, (cache, key) => cache.RemoveAsync(key))),
        port => StartAsync(new Hybrid("HybridCache RemoveByTagAsync", port, (cache, key) => cache.RemoveByTagAsync(key))),
        LookupSharedContender.StartAsync,
    ];

    private static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>Lets all instances connect, and subscribe to the messages of the others.</summary>
    private static async Task<ISharedContender> StartAsync(ISharedContender contender)
    {
        for (var instance = 0; instance < Instances; instance++)
        {
            var source = new VersionedSource();
            source.ReleaseFirst();
            await contender.GetAsync(instance, new Row("connect", source));
        }

        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        return contender;
    }

    private sealed class Fusion(string name, int port, bool hasBackplane, Func<IFusionCache, string, ValueTask> invalidate) : ISharedContender
    {
        private readonly FusionCache[] _caches = [.. Enumerable.Range(0, Instances).Select(_ => Create(AddressOf(port), hasBackplane))];

        public string Name => name;

        public Task PrepareAsync(IReadOnlyList<Row> rows) => Task.CompletedTask;

        public ValueTask<int> GetAsync(int instance, Row row) =>
            _caches[instance].GetOrSetAsync(row.Key, async _ => await row.Source.ReadAsync(), tags: [row.Key]);

        public async Task ChangeAsync(int instance, IReadOnlyList<Row> rows)
        {
            foreach (var row in rows)
            {
                row.Source.Change();
                await invalidate(_caches[instance], row.Key);
            }
        }

        public ValueTask DisposeAsync()
        {
            foreach (var cache in _caches)
                cache.Dispose();
            return default;
        }

        private static FusionCache Create(string address, bool hasBackplane)
        {
            var cache = new FusionCache(new FusionCacheOptions { DefaultEntryOptions = new FusionCacheEntryOptions(TimeSpan.FromMinutes(5)) });
            cache.SetupDistributedCache(
                new RedisCache(new RedisCacheOptions { Configuration = address }), new FusionCacheSystemTextJsonSerializer());
            if (hasBackplane)
                cache.SetupBackplane(new RedisBackplane(new RedisBackplaneOptions { Configuration = address }));
            return cache;
        }
    }

    private sealed class Hybrid(string name, int port, Func<HybridCache, string, ValueTask> invalidate) : ISharedContender
    {
        private readonly ServiceProvider[] _services = [.. Enumerable.Range(0, Instances).Select(_ => Create(AddressOf(port)))];

        public string Name => name;

        public Task PrepareAsync(IReadOnlyList<Row> rows) => Task.CompletedTask;

        public ValueTask<int> GetAsync(int instance, Row row) =>
            CacheOf(instance).GetOrCreateAsync(row.Key, async _ => await row.Source.ReadAsync(), tags: [row.Key]);

        public async Task ChangeAsync(int instance, IReadOnlyList<Row> rows)
        {
            foreach (var row in rows)
            {
                row.Source.Change();
                await invalidate(CacheOf(instance), row.Key);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var services in _services)
                await services.DisposeAsync();
        }

        private HybridCache CacheOf(int instance) => _services[instance].GetRequiredService<HybridCache>();

        private static ServiceProvider Create(string address)
        {
            var services = new ServiceCollection();
            services.AddStackExchangeRedisCache(options => options.Configuration = address);
            services.AddHybridCache();
            return services.BuildServiceProvider();
        }
    }
}
