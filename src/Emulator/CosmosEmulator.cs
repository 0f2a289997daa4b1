using System.Net;
using Lookup.Emulator.Wire;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Lookup.Emulator;

/// <summary>
/// A Cosmos DB endpoint on the loopback address, over plain http, that Microsoft.Azure.Cosmos talks to in gateway mode.
/// What it holds lives in memory and ends with it.
/// </summary>
public sealed class CosmosEmulator : IAsyncDisposable
{
    /// <summary>The key that Microsoft publishes for its own emulator. It is no secret.</summary>
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

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>Such as <c>http://127.0.0.1:8081/</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>The key that clients sign with.</summary>
    public string Key { get; }

    /// <summary>What a CosmosClient takes, with <c>ConnectionMode.Gateway</c>.</summary>
    public string ConnectionString => $"AccountEndpoint={Endpoint};AccountKey={Key};";

    /// <summary>Starts an endpoint; it answers when the task is done.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    /// <exception cref="IOException">The port is taken: the inner exception is a
    /// <see cref="Microsoft.AspNetCore.Connections.AddressInUseException"/>.</exception>
    public static async Task<CosmosEmulator> StartAsync(CosmosEmulatorOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var kestrel = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        // No limit for Kestrel, for it would close the connection at once under a client that still sends, who then sees a reset and no
        // answer, or under whoever the client's pool gives the connection to next. RequestBody has the limit; after an answer, Kestrel
        // reads and drops what is left of the body for up to five seconds, and then cuts.
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

    /// <summary>Stops at once: requests that are held open are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
    }
}
