using Lookup.Domain.Users;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>HybridCache with the memory level only, and users that need not be copied.</summary>
internal sealed class HybridCacheContender : Contender
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    private HybridCacheContender()
    {
        var services = new ServiceCollection();
        services.AddHybridCache(options => options.DefaultEntryOptions = new HybridCacheEntryOptions
        {
            Expiration = TimeSpan.FromHours(1),
            LocalCacheExpiration = TimeSpan.FromHours(1),
        });
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public static async Task<HybridCacheContender> FilledAsync(int users)
    {
        var contender = new HybridCacheContender();
        for (var user = 0; user < users; user++)
            await contender._cache.SetAsync(Population.KeyOf(user).Id, new CachedUser(Population.Body, Population.ETagOf(user)));
        return contender;
    }

    public override long Ask(ReadOnlySpan<UserKey> keys)
    {
        var cache = _cache;
        long bytes = 0;
        foreach (var key in keys)
        {
            var pending = cache.GetOrCreateAsync(key.Id, key, static (key, _) => ValueTask.FromException<CachedUser>(Missed(key)));
            if (!pending.IsCompletedSuccessfully)
                throw Missed(key);
            bytes += pending.Result.Body.Length;
        }

        return bytes;
    }

    public override ValueTask DisposeAsync() => _services.DisposeAsync();
}
