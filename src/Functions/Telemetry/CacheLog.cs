namespace Lookup.Functions.Telemetry;

/// <summary>The log messages about the cache.</summary>
internal sealed partial class CacheLog(ILogger<CacheLog> logger)
{
    private int _hasReportedTooLarge;

    /// <summary>
    /// Reports a result that the cache cannot hold. Only the first one is logged, because there is one for each lookup of such a user;
    /// <c>lookup.cache.too_large</c> counts them all.
    /// </summary>
    /// <param name="size">The size of the result, in bytes.</param>
    /// <param name="limit">The maximum size of a result, in bytes.</param>
    public void ResultTooLarge(long size, long limit)
    {
        if (Interlocked.Exchange(ref _hasReportedTooLarge, 1) == 0)
            LogTooLarge(size, limit);
    }

    [LoggerMessage(1801, LogLevel.Warning,
        "A result of {Size} bytes is not cached, because the cache holds results of at most {Limit} bytes: it is read again for each lookup. A larger"
        + " Lookup__CacheSizeBytes raises the limit. Further such results are only counted (lookup.cache.too_large).")]
    private partial void LogTooLarge(long size, long limit);
}
