using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Lookup.Functions.Http;

/// <summary>What the service takes from one client: far more than a proper request needs, and far less than would hurt.</summary>
internal static class RequestLimits
{
    /// <summary>The largest request body: a thousand ids of full length fit, written plainly.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>
    /// The most connections unless set otherwise. Each has at most one request under way, so this bounds the requests as well, and
    /// the memory that they take while they wait.
    /// </summary>
    public const int MaxConnections = 16_384;

    /// <summary>The largest value of <c>Lookup__MaxConnections</c>.</summary>
    public const int MostConnections = 1_000_000;

    /// <summary>
    /// The kernel's send buffer for a connection. Kestrel extends the time of a client by each byte that it could write at the minimum rate, also
    /// if the byte is only in the kernel's buffer: with the default, megabytes, a client that does not read would have minutes.
    /// </summary>
    private const int SendBufferBytes = 64 * 1024;

    /// <summary>The minimum rate, in bytes a second, at which a client must read once the buffers are full.</summary>
    public const int LeastReadRate = 16 * 1024;

    /// <summary>The time that the server gives a client at least for each write, in seconds.</summary>
    public const int ReadGraceSeconds = 5;

    /// <param name="options">The server's options.</param>
    /// <param name="guard">Who may be connected.</param>
    /// <param name="maxConnections">The most connections.</param>
    /// <param name="isBehindFunctionsHost">
    /// Whether the clients are the Functions host alone. Bodies are as large there as it lets them be: the server cuts the connection
    /// of a body that is larger than its own limit, and the host, while it still sends, takes that for a failure and answers 500. Without
    /// the limit the server drops the rest of a body that nothing has read, for up to five seconds, and the host gets the answer.
    /// </param>
    public static void Apply(KestrelServerOptions options, ConnectionGuard guard, int maxConnections, bool isBehindFunctionsHost)
    {
        options.AddServerHeader = false;
        var limits = options.Limits;
        limits.MaxConcurrentConnections = maxConnections + ConnectionGuard.Reserve;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = isBehindFunctionsHost ? null : MaxBodyBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(LeastReadRate, TimeSpan.FromSeconds(ReadGraceSeconds));
        options.ConfigureEndpointDefaults(listening => listening.Use(next => connection => guard.RunAsync(connection, next)));
    }

    public static void Apply(SocketTransportOptions options) => options.CreateBoundListenSocket = endpoint =>
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = SendBufferBytes; // those that it accepts have the same
        return socket;
    };
}
