using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Lookup.Functions.Http;

/// <summary>
/// The limits of the server: generous for legitimate requests, and tight enough to bound the impact of an abusive client.
/// </summary>
internal static class RequestLimits
{
    /// <summary>The maximum size of a request body. A thousand ids of 250 bytes fit, if they are not escaped.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>The maximum size of a request line. The longest id and partition key fit, even if each of their bytes is percent-encoded.</summary>
    private const int MaxRequestLineBytes = 12 * 1024;

    /// <summary>
    /// The default maximum number of connections, if handles and memory allow as many. Each has at most one request in progress, so this also
    /// bounds the number of requests, and the memory that they use while they wait.
    /// </summary>
    public const int MaxConnections = 16_384;

    /// <summary>The upper limit of <c>Lookup__MaxConnections</c>.</summary>
    public const int MaxConnectionsLimit = 1_000_000;

    /// <summary>
    /// The size of the kernel's send buffer for a connection. For each byte that it writes, Kestrel extends the time of the client
    /// according to the minimum rate, even if the byte only reaches the kernel's buffer. With the default size of several megabytes, a
    /// client that does not read would have minutes.
    /// </summary>
    private const int SendBufferBytes = 64 * 1024;

    /// <summary>The minimum rate, in bytes a second, at which a client must read once the buffers are full.</summary>
    public const int MinReadRate = 16 * 1024;

    /// <summary>The time that the server gives a client at least for each write, in seconds.</summary>
    public const int ReadGraceSeconds = 5;

    /// <summary>Sets the limits in the server's options.</summary>
    /// <param name="options">The server's options.</param>
    /// <param name="guard">The guard that limits connections.</param>
    /// <param name="maxConnections">The maximum number of connections.</param>
    /// <param name="isBehindFunctionsHost">
    /// <see langword="true"/> if the Functions host has started the process and passes requests to it. Bodies are then limited only by the host. The server closes the
    /// connection of a body that exceeds its own limit; the host, which is still sending, treats this as a failure and returns 500. Without
    /// the limit, the server discards the rest of an unread body for up to five seconds, and the host gets the response.
    /// </param>
    public static void Apply(KestrelServerOptions options, ConnectionGuard guard, int maxConnections, bool isBehindFunctionsHost)
    {
        options.AddServerHeader = false;
        var limits = options.Limits;
        limits.MaxConcurrentConnections = maxConnections + ConnectionGuard.Reserve;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = isBehindFunctionsHost ? null : MaxBodyBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(MinReadRate, TimeSpan.FromSeconds(ReadGraceSeconds));
        options.ConfigureEndpointDefaults(listening => listening.Use(next => connection => guard.RunAsync(connection, next)));
    }

    /// <summary>Sets the size of the send buffer in the options of the transport.</summary>
    public static void Apply(SocketTransportOptions options) => options.CreateBoundListenSocket = endpoint =>
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = SendBufferBytes; // accepted sockets inherit the size
        return socket;
    };
}
