using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// Inspection of the cache without side effects.
public sealed partial class UserCache
{
    /// <summary>
    /// Returns the fresh result that a lookup without directives would get from the cache now, or <see langword="null"/> if it would need
    /// the feed or the store. This counts neither as a lookup nor as use, so it does not keep an idle instance polling.
    /// </summary>
    public LookupResult? Peek(UserKey key)
    {
        var now = _clock.Now;
        return _memory.Find(key.CacheKey) is { } entry && Permits(entry, now, default, out _) ? Describe(entry, now, LookupSource.Hit) : null;
    }
}
