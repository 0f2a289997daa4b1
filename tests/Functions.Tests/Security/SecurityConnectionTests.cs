using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Http;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

/// <summary>Clients that connect and say nothing, that are too many, or that do not read what they asked for.</summary>
public sealed class SecurityConnectionTests(SharedService shared)
{
    /// <summary>Long enough for a busy machine, and less than an idle connection is kept.</summary>
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
            Assert.Equal(0, await fourth.GetStream().ReadAsync(new byte[1], Cancel.Token)); // one answer, and no more
        }

        Assert.Equal(404, await AskAsync(first, "/api/users/nobody"));
        second.Close();
        await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/users/nobody") == 404, "there is room for another");
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

            // Those that wait in the reserve are closed after a second; so there is room, again and again.
            await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/health/live") == 200, "health is answered");
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    /// <summary>
    /// Whatever a client sends on a connection of the reserve, it is closed before the server's own limits (10 s for a head, 5 s for the rest of a
    /// body) close an ordinary connection that sends the same.
    /// </summary>
    [Theory]
    [InlineData("G", "")]
    [InlineData("GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "x")]
    [InlineData("GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n", "")]
    [InlineData("POST /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n", "x")]
    [InlineData("POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n", "")]
    public async Task Reserve_connection_is_closed_early_whatever_it_sends(string first, string then)
    {
        const int Most = 5;
        string[] addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
        await using var service = await StartAsync(("Lookup__MaxConnections", $"{Most}"), ("Lookup__MaxConnectionsPerAddress", $"{Most}"));
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < Most - 1; i++)
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
            await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/health/live", "127.0.0.6") == 200, "health is answered");
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        // Sends, goes on sending while it can, and reads until the server closes.
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
                // It was cut off, which is as well.
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
        await Eventually.IsTrueAsync(async () => await AskOnNewConnectionAsync(service, "/api/health/live") == 200, "the address has room again");
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
        using var asksForMany = await SendAsync(
            service, $"POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var asksAgain = await SendAsync(service, string.Concat(Enumerable.Repeat("GET /api/users/u1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 10)));
        using var asksForAFile = await SendAsync(service, string.Concat(Enumerable.Repeat("GET /api/docs/scalar.js HTTP/1.1\r\nHost: localhost\r\n\r\n", 10)));

        foreach (var (client, what) in ((Socket, string)[])[(asksForMany, "a batch"), (asksAgain, "users"), (asksForAFile, "files")])
        {
            await WithinBoundAsync(
                Eventually.IsTrueAsync(() => client.Poll(TimeSpan.Zero, SelectMode.SelectError), "the connection is cut"),
                $"the server cuts the connection of who asked for {what}");
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

    /// <summary>The buffers of the system are emptied in steps, so one client is well below the minimum rate, and the other well above.</summary>
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

    /// <summary>Asks for a large user and reads at a rate, until the response or the time ends.</summary>
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

    /// <summary>Asks on a connection of its own, which the server may refuse.</summary>
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

    /// <summary>Waits until the server has closed a connection, in whatever way.</summary>
    private static async Task EndAsync(TcpClient client)
    {
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancel.Token));
        }
        catch (IOException)
        {
            // It was cut off, which is as well.
        }
    }

    /// <summary>Asks on a connection, and gives the status; 0 where the connection was closed instead.</summary>
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
