using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lookup.Functions.Hosting;

/// <summary>What the service takes from one client: far more than a proper request needs, and far less than would hurt.</summary>
internal static class KestrelLimits
{
    /// <summary>The largest request body: a thousand ids of full length fit, written plainly.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        var limits = options.Limits;
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
