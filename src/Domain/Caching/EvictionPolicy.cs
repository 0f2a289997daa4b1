namespace Lookup.Domain.Caching;

/// <summary>
/// Specifies which entries are evicted when the cache is full. The policy does not affect freshness: an evicted user is read again.
/// </summary>
public enum EvictionPolicy
{
    /// <summary>Entries that have not been used for the longest time are evicted first, as in <c>MemoryCache</c>.</summary>
    LeastRecentlyUsed,

    /// <summary>
    /// S3-FIFO: users that were looked up once are evicted before users that are looked up repeatedly. It reduces reads if a few users
    /// account for most lookups or if there are scans. It can increase reads if the set of popular users changes quickly.
    /// </summary>
    S3Fifo,
}
