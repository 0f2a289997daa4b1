namespace Lookup.Support;

/// <summary>HTTP clients of the service.</summary>
public static class ServiceClient
{
    /// <summary>Creates a client that does not send a request on a connection that the service is about to close.</summary>
    /// <remarks>
    /// The client opens spare connections. The service closes one that sends nothing for 5 s, and a request that is sent at that moment fails.
    /// </remarks>
    public static HttpClient Create(Uri address, TimeSpan timeout)
    {
        var handler = new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2) };
        return new HttpClient(handler) { BaseAddress = address, Timeout = timeout };
    }
}
