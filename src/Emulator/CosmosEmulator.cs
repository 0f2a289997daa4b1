using System.Net;
using Lookup.Emulator.Wire;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Lookup.Emulator;

/// <summary>
/// A local Cosmos DB endpoint, over plain HTTP, for Microsoft.Azure.Cosmos in gateway mode.
/// All data is in memory and is discarded when the emulator is disposed of.
/// </summary>
public sealed class CosmosEmulator : IAsyncDisposable
{
    /// <summary>The key that Microsoft publishes for its own emulator. It is not a secret.</summary>
    public const string AccountKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private readonly KestrelServer _server;

    private CosmosEmulator(KestrelServer server, IPAddress address, int port, string key)
    {
        Key = key;
        _server = server;
        Port = port;
        var isEveryAddress = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        Endpoint = new UriBuilder(Uri.UriSchemeHttp, (isEveryAddress ? IPAddress.Loopback : address).ToString(), port).Uri;
    }

    /// <summary>Gets the port that the emulator listens on.</summary>
    public int Port { get; }

    /// <summary>Gets the base address, such as <c>http://127.0.0.1:8081/</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>Gets the account key with which clients sign their requests.</summary>
    public string Key { get; }

    /// <summary>Gets the connection string for a CosmosClient with <c>ConnectionMode.Gateway</c>.</summary>
    public string ConnectionString => $"AccountEndpoint={Endpoint};AccountKey={Key};";

    /// <summary>Starts an emulator, which accepts requests when the task completes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="IOException">The port is in use. The inner exception is an
    /// <see cref="Microsoft.AspNetCore.Connections.AddressInUseException"/>.</exception>
    public static async Task<CosmosEmulator> StartAsync(CosmosEmulatorOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var kestrel = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        // Kestrel's own limit is off, because Kestrel would close the connection immediately while the client is still sending. That request
        // would see a connection reset instead of its response, or the next request on the same pooled connection would. RequestBody
        // enforces the limit. After a response, Kestrel discards the rest of the body for up to five seconds and then closes the connection.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(RequestBody.MinBytesPerSecond, options.BodyGracePeriod);
        kestrel.Listen(options.ListenAddress, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), options.LoggerFactory);
        var server = new KestrelServer(Options.Create(kestrel), transport, options.LoggerFactory);
        try
        {
            await server.StartAsync(new RequestPipeline(options), cancellationToken);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        var address = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return new CosmosEmulator(server, options.ListenAddress, BindingAddress.Parse(address).Port, options.Key);
    }

    /// <summary>Stops immediately and closes the connections of requests in progress.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
    }
}
