using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

/// <summary>Clients that read none of a response, or read it slowly.</summary>
public sealed class SecurityReadRateTests
{
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
            await TestConnection.WithinBoundAsync(
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
        using var client = await TestConnection.ConnectAsync(service);
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

    /// <summary>The system empties its buffers in steps, so one client is below the minimum rate, and the other so far above that a busy machine does not bring it below.</summary>
    [Fact]
    public async Task Client_below_the_minimum_read_rate_is_disconnected()
    {
        await using var store = await Store.StartAsync();
        await store.PutAsync(JsonSerializer.Serialize(new { id = "large", about = new string('x', 1_900_000) }), "large");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);
        await service.GetAsync("/api/users/large");

        var steady = IsCutAsync(service, 96 * 1024);
        Assert.True(await Eventually.EndsAsync(IsCutAsync(service, 12 * 1024), "the server disconnects the slow client"));
        Assert.False(await Eventually.EndsAsync(steady, "the other client has the response"), "The client above the minimum rate was disconnected too.");
    }

    /// <summary>Requests a large user, reads it at the given rate, and determines whether the server resets the connection before the end.</summary>
    private static async Task<bool> IsCutAsync(Service service, int bytesPerSecond)
    {
        using var client = new TcpClient { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /api/users/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel.Token);
        var (time, part, received) = (TimeProvider.System, new byte[4096], 0);
        var began = time.GetTimestamp();
        try
        {
            while (await stream.ReadAsync(part, Cancel.Token) is var count and > 0)
            {
                received += count;
                var wait = TimeSpan.FromSeconds((double)received / bytesPerSecond) - time.GetElapsedTime(began);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, Cancel.Token);
            }
        }
        catch (IOException)
        {
            return true;
        }

        return false;
    }

    private static async Task<Socket> SendAsync(Service service, string requests)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        await client.SendAsync(Encoding.ASCII.GetBytes(requests), Cancel.Token);
        return client;
    }
}
