using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Http;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

/// <summary>Clients that connect without sending anything, exceed the connection limits, or do not read the response.</summary>
public sealed class SecurityConnectionTests(SharedService shared)
{
    /// <summary>Long enough for a busy machine, and shorter than the keep-alive timeout.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(110);

    [Fact]
    public async Task Silent_connection_is_closed_long_before_an_idle_one()
    {
        using var silent = await ConnectAsync(shared.Service);
        using var idle = await ConnectAsync(shared.Service);
        Assert.Equal(200, await AskAsync(idle, "/api/health/live"));

        await WithinBoundAsync(EndAsync(silent), "the server closes the silent connection");

        Assert.Equal(200, await AskAsync(idle, "/api/health/live"));
    }

    [Fact]
    public async Task Connection_above_the_limit_is_served_health_only()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "2"));
        using var first = await ConnectAsync(service);
        using var second = await ConnectAsync(service);
        Assert.Equal(404, await AskAsync(first, "/api/users/nobody"));
        Assert.Equal(404, await AskAsync(second, "/api/users/nobody"));

        using (var third = await ConnectAsync(service))
            Assert.Equal(503, await AskAsync(third, "/api/users/nobody"));
        using (var fourth = await ConnectAsync(service))
        {
            Assert.Equal(200, await AskAsync(fourth, "/api/health/live"));
            Assert.Equal(0, await fourth.GetStream().ReadAsync(new byte[1], Cancel.Token)); // one response only
        }

        Assert.Equal(404, await AskAsync(first, "/api/users/nobody"));
        second.Close();
        await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/users/nobody") == 404, "a connection is available again");
    }

    [Fact]
    public async Task Silent_connections_do_not_block_health()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "8"), ("Lookup__MaxConnectionsPerAddress", "8"));
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 8 + ConnectionGuard.ReserveOfOneAddress; i++)
                silent.Add(await ConnectAsync(service));

            // Silent connections in the reserve are closed after a second, so capacity becomes available repeatedly.
            await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/health/live") == 200, "health responds");
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    /// <summary>
    /// A connection of the reserve is closed, whatever the client sends, before the server's own limits (10 s for the header, 5 s for the rest
    /// of a body) close an ordinary connection that sends the same.
    /// </summary>
    [Theory]
    [InlineData("G", "")]
    [InlineData("GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "x")]
    [InlineData("GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n", "")]
    [InlineData("POST /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n", "x")]
    [InlineData("POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n", "")]
    public async Task Reserve_connection_is_closed_early_whatever_it_sends(string first, string then)
    {
        const int MaxConnections = 5;
        string[] addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
        await using var service = await StartAsync(("Lookup__MaxConnections", $"{MaxConnections}"), ("Lookup__MaxConnectionsPerAddress", $"{MaxConnections}"));
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < MaxConnections - 1; i++)
            {
                clients.Add(await ConnectAsync(service));
                Assert.Equal(200, await AskAsync(clients[^1], "/api/health/live"));
            }

            var ordinary = await ConnectAsync(service);
            clients.Add(ordinary);
            var reserve = new List<Task>();
            foreach (var address in addresses)
            {
                for (var i = 0; i < ConnectionGuard.ReserveOfOneAddress; i++)
                {
                    clients.Add(await ConnectAsync(service, address));
                    reserve.Add(EndsAsync(clients[^1]));
                }
            }

            var ordinaryEnds = EndsAsync(ordinary);
            await WithinBoundAsync(Task.WhenAll(reserve), "the reserve is free again");
            Assert.False(ordinaryEnds.IsCompleted, "The reserve was not free before an ordinary connection was closed.");
            await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/health/live", "127.0.0.6") == 200, "health responds");
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        // Sends, continues to send while possible, and reads until the server closes the connection.
        async Task EndsAsync(TcpClient client)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel.Token);
            var stream = client.GetStream();
            var sending = SendAsync();
            try
            {
                await stream.CopyToAsync(Stream.Null, Cancel.Token);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The connection was reset, which is equally acceptable.
            }

            await ended.CancelAsync();
            await sending;

            async Task SendAsync()
            {
                try
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(first), ended.Token);
                    while (then.Length > 0)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ended.Token);
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(then), ended.Token);
                    }
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
                {
                    // The connection has ended.
                }
            }
        }
    }

    [Fact]
    public async Task Address_is_limited_to_its_share_of_the_connections()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "20"), ("Lookup__MaxConnectionsPerAddress", "2"));
        using var first = await ConnectAsync(service);
        using var second = await ConnectAsync(service);
        Assert.Equal(200, await AskAsync(first, "/api/health/live"));
        Assert.Equal(200, await AskAsync(second, "/api/health/live"));

        Assert.Equal(0, await AskOnNewConnectionAsync(service, "/api/health/live"));
        using (var other = await ConnectAsync(service, from: "127.0.0.2"))
            Assert.Equal(200, await AskAsync(other, "/api/health/live"));

        second.Close();
        await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/health/live") == 200, "a connection of the address is available again");
    }

    [Fact]
    public async Task Client_that_reads_none_of_a_large_response_is_disconnected()
    {
        const int Users = 10;
        await using var store = await Store.StartAsync();
        for (var i = 0; i < Users; i++)
            await store.PutAsync(JsonSerializer.Serialize(new { id = $"u{i}", about = new string('x', 1_900_000) }), $"u{i}");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);
        var body = JsonSerializer.Serialize(new { ids = Enumerable.Range(0, Users).Select(i => $"u{i}") });
        using var batchClient = await SendAsync(
            service, $"POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var userClient = await SendAsync(service, string.Concat(Enumerable.Repeat("GET /api/users/u1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 10)));
        using var fileClient = await SendAsync(service, string.Concat(Enumerable.Repeat("GET /api/docs/scalar.js HTTP/1.1\r\nHost: localhost\r\n\r\n", 10)));

        foreach (var (client, what) in ((Socket, string)[])[(batchClient, "a batch"), (userClient, "users"), (fileClient, "files")])
        {
            await WithinBoundAsync(
                Eventually.IsTrueAsync(() => client.Poll(TimeSpan.Zero, SelectMode.SelectError), "the connection is reset"),
                $"the server disconnects the client that requested {what}");
        }
    }

    [Fact]
    public async Task Client_that_reads_slowly_but_steadily_receives_all_of_a_large_response()
    {
        await using var store = await Store.StartAsync();
        await store.PutAsync(JsonSerializer.Serialize(new { id = "large", about = new string('x', 600_000) }), "large");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);
        using var client = await ConnectAsync(service);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /api/users/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel.Token);

        // About 100 KB a second.
        var (received, part) = (0, new byte[10_000]);
        while (await stream.ReadAsync(part, Cancel.Token) is var count and > 0)
        {
            received += count;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel.Token);
        }

        Assert.InRange(received, 600_000, 610_000);
    }

    /// <summary>The system empties its buffers in steps, so one client is well below the minimum rate, and the other well above.</summary>
    [Fact]
    public async Task Client_below_the_minimum_read_rate_is_disconnected()
    {
        await using var store = await Store.StartAsync();
        await store.PutAsync(JsonSerializer.Serialize(new { id = "large", about = new string('x', 1_900_000) }), "large");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);
        await service.GetAsync("/api/users/large");

        var slow = ReadAsync(service, 12 * 1024, TimeSpan.FromSeconds(75));
        var steady = ReadAsync(service, 24 * 1024, TimeSpan.FromSeconds(45));

        Assert.Equal((true, false), ((await slow).IsCut, (await steady).IsCut));
    }

    /// <summary>Requests a large user and reads at the given rate until the response or the time ends.</summary>
    private static async Task<(int Received, bool IsCut)> ReadAsync(Service service, int bytesPerSecond, TimeSpan duration)
    {
        using var client = new TcpClient { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /api/users/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel.Token);
        var (time, part, received) = (TimeProvider.System, new byte[4096], 0);
        var began = time.GetTimestamp();
        try
        {
            while (time.GetElapsedTime(began) < duration && await stream.ReadAsync(part, Cancel.Token) is var count and > 0)
            {
                received += count;
                var wait = TimeSpan.FromSeconds((double)received / bytesPerSecond) - time.GetElapsedTime(began);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, Cancel.Token);
            }
        }
        catch (IOException)
        {
            return (received, true);
        }

        return (received, false);
    }

    private Task<Service> StartAsync(params (string Key, string Value)[] settings) =>
        Service.StartUnarmedAsync(shared.Store.ConnectionString, null, settings);

    private static async Task WithinBoundAsync(Task task, string what)
    {
        if (await Task.WhenAny(task, Task.Delay(Bound, TimeProvider.System, Cancel.Token)) != task)
            Assert.Fail($"Not within {Bound.TotalSeconds} s: {what}.");
        await task;
    }

    private static async Task<Socket> SendAsync(Service service, string requests)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        await client.SendAsync(Encoding.ASCII.GetBytes(requests), Cancel.Token);
        return client;
    }

    private static async Task<TcpClient> ConnectAsync(Service service, string from = "127.0.0.1")
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        return client;
    }

    /// <summary>Sends a request on a new connection, which the server may refuse.</summary>
    private static async Task<int> AskOnNewConnectionAsync(Service service, string path, string from = "127.0.0.1")
    {
        try
        {
            using var client = await ConnectAsync(service, from);
            return await AskAsync(client, path);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Waits until the server has closed or reset a connection.</summary>
    private static async Task EndAsync(TcpClient client)
    {
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancel.Token));
        }
        catch (IOException)
        {
            // The connection was reset, which is equally acceptable.
        }
    }

    /// <summary>Sends a request on a connection. Returns the status, or 0 if the connection was closed instead.</summary>
    private static async Task<int> AskAsync(TcpClient client, string path)
    {
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), Cancel.Token);
            return await new ResponseReader(stream).ReadAsync(isHead: false);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
