using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lookup.Functions.Hosting;

/// <summary>What the service takes from one client: far more than a proper request needs, and far less than would hurt.</summary>
internal static class KestrelLimits
{
    /// <summary>The largest request body: a thousand ids of full length fit, written plainly.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>
    /// The most connections unless set otherwise. Each has at most one request under way, so this bounds the requests as well, and
    /// the memory that they take while they wait.
    /// </summary>
    public const int MaxConnections = 16_384;

    public static void Apply(KestrelServerOptions options, int maxConnections)
    {
        options.AddServerHeader = false;
        var limits = options.Limits;
        limits.MaxConcurrentConnections = maxConnections;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }
}
