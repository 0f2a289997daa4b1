using Lookup.Domain.Users;
using ZiggyCreatures.Caching.Fusion;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>FusionCache with the memory level only, called by <c>GetOrSet</c> or by <c>TryGet</c>.</summary>
internal sealed class FusionCacheContender : Contender
{
    private readonly FusionCache _cache = new(new FusionCacheOptions
    {
        DefaultEntryOptions = new FusionCacheEntryOptions(TimeSpan.FromHours(1)),
    });

    private readonly bool _triesOnly;

    public FusionCacheContender(int users, bool triesOnly)
    {
        _triesOnly = triesOnly;
        for (var user = 0; user < users; user++)
            _cache.Set(Population.KeyOf(user).Id, new CachedUser(Population.Body, Population.ETagOf(user)));
    }

    public override long Ask(ReadOnlySpan<UserKey> keys) => _triesOnly ? TryGet(keys) : GetOrSet(keys);

    public override ValueTask DisposeAsync()
    {
        _cache.Dispose();
        return default;
    }

    private long TryGet(ReadOnlySpan<UserKey> keys)
    {
        long bytes = 0;
        foreach (var key in keys)
        {
            var found = _cache.TryGet<CachedUser>(key.Id);
            if (!found.HasValue)
                throw Missed(key);
            bytes += found.Value.Body.Length;
        }

        return bytes;
    }

    private long GetOrSet(ReadOnlySpan<UserKey> keys)
    {
        long bytes = 0;
        foreach (var key in keys)
        {
            var found = _cache.GetOrSet<CachedUser>(
                key.Id,
                static (context, _) => throw new InvalidOperationException($"{context.Key} is not cached, but a hit was expected."));
            bytes += found.Body.Length;
        }

        return bytes;
    }
}
