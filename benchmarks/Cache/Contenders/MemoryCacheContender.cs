using Lookup.Domain.Users;
using Microsoft.Extensions.Caching.Memory;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary><see cref="MemoryCache"/> as most programs use it, or with a size limit and the statistics that report its size.</summary>
internal sealed class MemoryCacheContender : Contender
{
    private readonly MemoryCache _cache;

    public MemoryCacheContender(int users, bool withSize = false)
    {
        _cache = new MemoryCache(withSize
            ? new MemoryCacheOptions { SizeLimit = long.MaxValue, TrackStatistics = true }
            : new MemoryCacheOptions());
        for (var user = 0; user < users; user++)
        {
            using var entry = _cache.CreateEntry(Population.KeyOf(user).Id);
            entry.Value = new CachedUser(Population.Body, Population.ETagOf(user));
            if (withSize)
                entry.Size = 1;
        }
    }

    public override long Ask(ReadOnlySpan<UserKey> keys)
    {
        var cache = _cache;
        long bytes = 0;
        foreach (var key in keys)
        {
            if (!cache.TryGetValue(key.Id, out var found))
                throw Missed(key);
            bytes += ((CachedUser)found!).Body.Length;
        }

        return bytes;
    }

    public override ValueTask DisposeAsync()
    {
        _cache.Dispose();
        return default;
    }
}
