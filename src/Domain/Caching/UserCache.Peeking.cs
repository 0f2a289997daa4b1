using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// What memory would say, for those who watch it.
public sealed partial class UserCache
{
    /// <summary>
    /// What a lookup that asks for nothing special would get from memory, as a fresh answer, at this moment; <see langword="null"/> where
    /// it would have to ask the feed or the store. This counts neither as a lookup nor as use, so it keeps no idle instance awake.
    /// </summary>
    public LookupResult? Peek(UserKey key)
    {
        var now = _clock.Now;
        return _memory.Find(key.CacheKey) is { } entry && Permits(entry, now, default, out _) ? Describe(entry, now, LookupSource.Hit) : null;
    }
}
