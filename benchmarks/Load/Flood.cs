using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Benchmarks.Load;

/// <summary>
/// Many clients that connect, send one request that needs no key, read nothing of the response and disconnect, beside one client that requests
/// a cached user again and again. Measures the latency of that client.
/// </summary>
internal sealed class Flood(IPEndPoint service, int connections, TimeSpan length)
{
    /// <summary>The time for which a client of the flood stays connected without reading.</summary>
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(5);

    /// <summary>The floods and their requests; the last one sends no request.</summary>
    public static readonly IReadOnlyList<(string Name, string Request)> All =
    [
        ("no flood", ""),
        .. ((string[])["/", "/api/health/live", "/api/health/ready", "/api/docs", "/api/docs/", "/api/docs/docs.js", "/api/docs/favicon.svg",
            "/api/docs/scalar.aspnetcore.js", "/api/docs/scalar.js"]).Select(path => (path, $"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("/api/docs/scalar.js, gzip", "GET /api/docs/scalar.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n"),
        ("/api/users/u1 without a key", "GET /api/users/u1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("silence", ""),
    ];

    /// <summary>Runs one flood, and returns the other client's latencies in milliseconds, sorted.</summary>
    public async Task<double[]> RunAsync(string name, string request, string key)
    {
        using var ended = new CancellationTokenSource(length);
        var crowd = name == "no flood" ? 0 : connections;
        var bytes = Encoding.ASCII.GetBytes(request);
        var clients = Enumerable.Range(0, crowd).Select(_ => Task.Run(() => AskAndGoAsync(bytes, ended.Token))).ToArray();
        var latencies = await Task.Factory.StartNew(() => Ask(key, ended.Token), TaskCreationOptions.LongRunning);
        await Task.WhenAll(clients);
        latencies.Sort();
        return [.. latencies];
    }

    private async Task AskAndGoAsync(byte[] request, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(service, ended);
                if (request.Length > 0)
                    await socket.SendAsync(request, ended);
                await Task.Delay(Stay, ended);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The connection was refused or cut off, or the flood is over.
            }
        }
    }

    private List<double> Ask(string key, CancellationToken ended)
    {
        var request = Encoding.ASCII.GetBytes($"GET /api/users/u1 HTTP/1.1\r\nHost: localhost\r\nx-functions-key: {key}\r\n\r\n");
        var received = new byte[64 * 1024];
        var latencies = new List<double>();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
        socket.Connect(service);
        while (!ended.IsCancellationRequested)
        {
            var asked = Stopwatch.GetTimestamp();
            socket.Send(request);
            var count = socket.Receive(received);
            if (!received.AsSpan(0, count).StartsWith("HTTP/1.1 200"u8))
                throw new InvalidOperationException($"A hit was expected, but the response is: {Encoding.ASCII.GetString(received, 0, Math.Min(count, 200))}");
            latencies.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            Thread.Sleep(2);
        }

        return latencies;
    }

    public static string Row(string name, double[] latencies, TimeSpan processor, double memory) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {latencies.Length:N0} | {latencies[latencies.Length / 2]:0.00} | {latencies[latencies.Length * 99 / 100]:0.0} | {latencies[^1]:0} | {processor.TotalSeconds:0.0} | {memory:0} |");
}
