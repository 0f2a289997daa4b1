using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

/// <summary>The target of a flight: one user, or the hint for one alternate key.</summary>
internal readonly record struct LookupTarget
{
    private LookupTarget(string cacheKey, UserKey user, AlternateKey? alternate)
    {
        CacheKey = cacheKey;
        User = user;
        Alternate = alternate;
    }

    public string CacheKey { get; }

    /// <summary>Gets the user, if the target is not a hint.</summary>
    public UserKey User { get; }

    /// <summary>Gets the alternate key, if the target is a hint.</summary>
    public AlternateKey? Alternate { get; }

    public static LookupTarget For(UserKey key) => new(key.CacheKey, key, null);

    public static LookupTarget For(AlternateKey key) => new(key.CacheKey, default, key);
}
