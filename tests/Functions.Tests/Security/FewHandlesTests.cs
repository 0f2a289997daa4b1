using System.Net;
using System.Net.Sockets;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

/// <summary>The service in a process of its own that may open few handles.</summary>
public sealed class FewHandlesTests
{
    /// <summary>The handles of the process, and more connections than that.</summary>
    private const int Handles = 1024;
    private const int Connections = 3000;

    [Fact]
    public async Task Flood_of_connections_does_not_exhaust_the_handles_and_health_responds()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit and several loopback addresses are those of Linux.");
        await using var store = await Store.StartAsync();
        var port = FreePort.Next();
        using var service = ChildProcess.Start(
            "bash",
            ["-c", $"ulimit -n {Handles}; exec dotnet \"$0\" --urls http://127.0.0.1:{port}", Path.Combine(AppContext.BaseDirectory, "Lookup.Functions.dll")],
            [
                ChildProcess.WithoutInstrumentation,
                ("CosmosConnection", store.ConnectionString),
                ("Lookup__MaxConnections", "16384"),
                ("Lookup__MaxConnectionsPerAddress", "16384"),
            ]);
        var started = await Eventually.EndsAsync(
            service.LineAsync(line => line.Contains("Application started", StringComparison.Ordinal)), "the service starts");
        Assert.True(started is not null, string.Join('\n', service.Lines));
        var flood = new List<TcpClient>();
        try
        {
            // Each sends a request, so that it stays open for minutes, unless the service closes or resets it. The route does not exist, so the
            // response is 404 without a read of the store, and 503 on a connection for health requests only.
            for (var i = 0; i < Connections; i++)
                await TryAddAsync(flood, port);
            var served = 0;
            foreach (var client in flood)
                served += await TestConnection.AskAsync(client, "/api/nothing") == 404 ? 1 : 0;

            Assert.InRange(served, 1, Handles);
            await Eventually.IsTrueAsync(() => RespondsAsync(port, "127.0.0.3"), "health responds while the connections are open");
            Assert.False(service.HasExited);
            Assert.Contains(service.Lines, line => line.Contains("Lookup__MaxConnections is 16384, but at most", StringComparison.Ordinal));
        }
        finally
        {
            flood.ForEach(client => client.Dispose());
        }

        await Eventually.IsTrueAsync(() => RespondsAsync(port, "127.0.0.2"), "connections are accepted again");
        Assert.False(service.HasExited);
        await service.KillAsync();
    }

    private static async Task TryAddAsync(List<TcpClient> flood, int port)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        flood.Add(client);
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Cancel.Token);
            await client.GetStream().WriteAsync("GET /api/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancel.Token);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            flood.Remove(client);
            client.Dispose();
        }
    }

    private static async Task<bool> RespondsAsync(int port, string from)
    {
        try
        {
            using var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
            await client.ConnectAsync(IPAddress.Loopback, port, Cancel.Token);
            return await TestConnection.AskAsync(client, "/api/health/live") == 200;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
