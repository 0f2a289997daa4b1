using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Support;

namespace Lookup.Emulator.Tests.Wire;

/// <summary>Clients that never end the body of a request: they hold it for a few seconds, and not for ever.</summary>
public sealed class UnendingBodyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sender_that_never_ends_a_refused_body_is_answered_and_then_cut()
    {
        // Side by side: both take as long as the endpoint goes on reading what it will not use.
        await using var own = await OwnEmulator.StartAsync();
        await Task.WhenAll(BeRefusedAsync(own, isSilent: true), BeRefusedAsync(own, isSilent: false));
    }

    [Fact]
    public async Task Sender_that_stalls_within_a_body_is_answered_408_and_cut()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { BodyGracePeriod = TimeSpan.FromSeconds(2) });
        using var client = await SendHeadAsync(own, "POST /_emulator/faults");

        var answers = await ReadToCutAsync(client.GetStream());

        Assert.StartsWith("HTTP/1.1 408 ", answers);
        Assert.Contains("\"code\":\"RequestTimeout\"", answers);
    }

    private static async Task BeRefusedAsync(OwnEmulator own, bool isSilent)
    {
        using var client = await SendHeadAsync(own, "POST /_emulator/nothing");
        var stream = client.GetStream();
        var sending = isSilent ? Task.CompletedTask : SendChunksAsync(stream);

        var answers = await ReadToCutAsync(stream);

        Assert.StartsWith("HTTP/1.1 404 ", answers);
        await sending;
    }

    private static async Task<TcpClient> SendHeadAsync(OwnEmulator own, string start)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, own.Emulator.Port, Cancelled);
        var head = $"{start} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancelled);
        return client;
    }

    private static async Task SendChunksAsync(NetworkStream stream)
    {
        var chunk = Encoding.ASCII.GetBytes($"1000\r\n{new string('x', 0x1000)}\r\n");
        try
        {
            while (true) await stream.WriteAsync(chunk, Cancelled);
        }
        catch (IOException)
        {
            // Cut by the endpoint, as it should be.
        }
    }

    /// <summary>Reads the response until the endpoint ends the connection.</summary>
    private static Task<string> ReadToCutAsync(NetworkStream stream) => Eventually.EndsAsync(ReadToEndAsync(stream), "the endpoint cuts the connection");

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        var answers = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, Cancelled)) > 0;) answers.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset instead of closed: an end as well.
        }

        return answers.ToString();
    }
}
