using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Support;

namespace Lookup.Emulator.Tests.Wire;

/// <summary>Tests that a client that never ends a request body is disconnected after a few seconds.</summary>
public sealed class UnendingBodyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sender_that_never_ends_a_rejected_body_gets_a_response_and_is_disconnected()
    {
        // Concurrently, because both take as long as the endpoint keeps reading the body that it discards.
        await using var own = await OwnEmulator.StartAsync();
        await Task.WhenAll(SendRejectedBodyAsync(own, isSilent: true), SendRejectedBodyAsync(own, isSilent: false));
    }

    [Fact]
    public async Task Sender_that_stalls_within_a_body_gets_408_and_is_disconnected()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { BodyGracePeriod = TimeSpan.FromSeconds(2) });
        using var client = await SendHeadAsync(own, "POST /_emulator/faults");

        var received = await ReadToCloseAsync(client.GetStream());

        Assert.StartsWith("HTTP/1.1 408 ", received);
        Assert.Contains("\"code\":\"RequestTimeout\"", received);
    }

    private static async Task SendRejectedBodyAsync(OwnEmulator own, bool isSilent)
    {
        using var client = await SendHeadAsync(own, "POST /_emulator/nothing");
        var stream = client.GetStream();
        var sending = isSilent ? Task.CompletedTask : SendChunksAsync(stream);

        var received = await ReadToCloseAsync(stream);

        Assert.StartsWith("HTTP/1.1 404 ", received);
        await sending;
    }

    private static async Task<TcpClient> SendHeadAsync(OwnEmulator own, string start)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, own.Emulator.Port, Cancellation);
        var head = $"{start} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        return client;
    }

    private static async Task SendChunksAsync(NetworkStream stream)
    {
        var chunk = Encoding.ASCII.GetBytes($"1000\r\n{new string('x', 0x1000)}\r\n");
        try
        {
            while (true) await stream.WriteAsync(chunk, Cancellation);
        }
        catch (IOException)
        {
            // The endpoint closed the connection, as expected.
        }
    }

    /// <summary>Reads the response until the endpoint closes the connection.</summary>
    private static Task<string> ReadToCloseAsync(NetworkStream stream) => Eventually.EndsAsync(ReadToEndAsync(stream), "the endpoint closes the connection");

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        var received = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, Cancellation)) > 0;) received.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // A reset ends the connection as well.
        }

        return received.ToString();
    }
}
