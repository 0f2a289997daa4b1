namespace Lookup.Domain.Caching;

/// <summary>Who gives way when memory is full. What may be served is the same under each: an absent user is read again.</summary>
public enum EvictionPolicy
{
    /// <summary>Those that were not asked for the longest: what <c>MemoryCache</c> does.</summary>
    LeastRecentlyUsed,

    /// <summary>
    /// S3-FIFO: users that are asked for once give way before those that are asked for again and again. Saves reads where a few
    /// users are looked up most of the time, or where scans pass through; may cost some where interest moves on quickly.
    /// </summary>
    S3Fifo,
}
