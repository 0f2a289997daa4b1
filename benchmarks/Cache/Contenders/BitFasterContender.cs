using BitFaster.Caching;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>The caches of BitFaster: no clock, no freshness, no size in bytes. They show the cost of a hit without any guarantee.</summary>
internal sealed class BitFasterContender : Contender
{
    private readonly ICache<string, CachedUser> _cache;

    public BitFasterContender(int users, bool lfu)
    {
        // Twice the capacity, because the queues have fixed shares of it, and no user may be evicted.
        _cache = lfu ? new ConcurrentLfu<string, CachedUser>(users * 2) : new ConcurrentLru<string, CachedUser>(users * 2);
        for (var user = 0; user < users; user++)
            _cache.AddOrUpdate(Population.KeyOf(user).Id, new CachedUser(Population.Body, Population.ETagOf(user)));
    }

    public override long Ask(ReadOnlySpan<UserKey> keys)
    {
        var cache = _cache;
        long bytes = 0;
        foreach (var key in keys)
        {
            if (!cache.TryGet(key.Id, out var found))
                throw Missed(key);
            bytes += found.Body.Length;
        }

        return bytes;
    }

    public override ValueTask DisposeAsync() => default;
}
