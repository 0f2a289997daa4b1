using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Security;

/// <summary>Malicious and malformed requests over a real socket.</summary>
public sealed class HostileRequestTests(SharedService shared)
{
    private const int Requests = 20_000;
    private const int Connections = 8;

    private static readonly string[] Methods = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "G\u00cbT"];

    private static readonly string[] Paths =
    [
        "/api/users/", "/api/users/", "/api/users/", "/api/users", "/api/users/lookup", "/api/cache/users/", "/api/stats", "/api/health/live",
        "/api/openapi.json", "/", "//", "/api/../api/users/", "/API/USERS/", "/api/users/%2e%2e/", "*", "http://x/api/users/", "",
    ];

    private static readonly string[] Pieces =
    [
        "a", "ada", "%41", "%2F", "%5c", "%00", "%", "%zz", "%C0%AF", "%E2%82%AC", "%ED%A0%80", "%FF", "..", ".", "/", "//", "?", "?email=", "?email=x",
        "&email=y", "?pk=", "#", "+", ";", "é", "\u00ff", "%25%32%46", "%F0%9F%98%80", "e%CC%81", "'", "\"", "<script>", "{}", "~", "%0d%0aX:y", "xxxxxxxxxxxxxxxx",
    ];

    private static readonly string[] Headers =
    [
        "Cache-Control: no-cache", "Cache-Control: max-age=0", "Cache-Control: max-age=99999999999999999999", "Cache-Control: only-if-cached",
        "Cache-Control: max-stale", "Cache-Control: \"", "Cache-Control: ,,,=;\\", "Pragma: no-cache", "If-None-Match: *", "If-None-Match: \"a\", W/\"b",
        "If-None-Match: ,,,", "Accept: */*", "Accept: text/html", "Accept: ;;;", "Accept: application/json;q=9", "x-functions-key: x", "Cookie: a=b",
        "Range: bytes=0-1", "Expect: 100-continue", "Transfer-Encoding: gzip", "Content-Length: x", "Host: evil", "X-Long: " + new string('x', 3000),
        "If-Modified-Since: never", "traceparent: 00-xx", "Accept-Encoding: gzip", ": empty", "no colon", "Connection: upgrade", "Upgrade: h2c",
    ];

    private static readonly string[] Bodies =
        ["", "{", "[]", "{\"ids\":[\"a\"]}", "{\"ids\":[\"a/b\"]}", "{\"ids\":" + new string('[', 200), "\u00ff\u00fe", "{\"ids\":[\"\\ud800\"]}", new string(' ', 2000)];

    /// <summary>Chunked bodies (RFC 9112 §7.1), complete or malformed: the server accepts or rejects each without waiting for more data.</summary>
    private static readonly string[] ChunkedBodies =
    [
        "0\r\n\r\n", "1\r\n{\r\n0\r\n\r\n", "d\r\n{\"ids\":[\"a\"]}\r\n0\r\n\r\n", "D;x=y\r\n{\"ids\":[\"a\"]}\r\n0\r\nX: y\r\n\r\n",
        "10000000e\r\nxx", "ffffffffffffffffff\r\nxx", "80000000\r\nxx\r\n", "zz\r\n\r\n", "-1\r\n\r\n", "0x1\r\na\r\n0\r\n\r\n", "\r\n\r\n", ";\r\n\r\n",
        " 1\r\na\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "\u00ff\u00fe\r\n\r\n",
    ];

    [Fact]
    public async Task Twenty_thousand_hostile_requests_cause_no_server_error_and_no_hang()
    {
        await using var store = await Store.StartAsync();
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(store, logs.AddTo);
        var statuses = new int[600];

        await Task.WhenAll(Enumerable.Range(0, Connections)
            .Select(seed => AttackAsync(service.Address, new Random(seed), Requests / Connections, statuses)));

        var counts = string.Join(", ", Enumerable.Range(500, 100).Where(status => statuses[status] > 0).Select(status => $"{status}: {statuses[status]}"));
        Assert.True(statuses.Skip(500).Where((_, i) => i is not 4 and not 5).Sum() == 0, $"Server errors: {counts}.");
        Assert.True(statuses.Sum() > Requests / 2, $"Only {statuses.Sum()} requests received a response.");
        Assert.True(statuses[200] > 0 && statuses[400] > 0 && statuses[404] > 0 && statuses[405] > 0);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/ready")).Status);
        Assert.DoesNotContain(logs.Lines, line => line.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("/api/users/lookup", "10000000e\r\nxx")]
    [InlineData("/api/users/lookup", "ffffffffffffffffff\r\nxx")]
    [InlineData("/api/users/lookup", "zz\r\nxx")]
    [InlineData("/api/users/lookup", "2\r\n{}10000000e\r\nxx")]
    [InlineData("/api/health/live", "10000000e\r\nxx")]
    [InlineData("/EvictStaleUsers", "10000000e\r\nxx")]
    [InlineData("/EvictStaleUsers", "zz\r\nxx")]
    public async Task Body_with_a_malformed_chunk_returns_a_client_error(string path, string body)
    {
        var logs = new LogCapture();
        await using var service = await StartAsync(logs, path);
        var request = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{body}";

        var response = Encoding.Latin1.GetString(await RawHttp.ExchangeAsync(service.Address, Encoding.Latin1.GetBytes(request)));

        Assert.StartsWith("HTTP/1.1 4", response);
        Assert.DoesNotContain(logs.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData("/api/users/lookup", "Content-Length: 1000\r\n\r\n{")]
    [InlineData("/api/users/lookup", "Transfer-Encoding: chunked\r\n\r\n5\r\n{")]
    [InlineData("/EvictStaleUsers", "Content-Length: 1000\r\n\r\n{")]
    [InlineData("/EvictStaleUsers", "Transfer-Encoding: chunked\r\n\r\n5\r\n{")]
    public async Task Connection_reset_within_a_body_logs_no_warning(string path, string rest)
    {
        var logs = new LogCapture();
        await using var service = await StartAsync(logs, path);
        for (var i = 0; i < 20; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
            await client.GetStream().WriteAsync(
                Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n{rest}"), Cancel.Token);
            await client.GetStream().ReadExactlyAsync(new byte[12], Cancel.Token); // "HTTP/1.1 100": the server is about to read the body
            Reset(client);
        }

        await service.DisposeAsync(); // waits until all requests have ended
        Assert.DoesNotContain(logs.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n", 9000, 431)]
    [InlineData("", 13_000, 414)]
    public async Task Request_that_is_too_long_is_rejected(string head, int length, int expected)
    {
        var text = head.Length == 0
            ? $"GET /api/users/{new string('x', length)} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            : head + string.Concat(Enumerable.Range(0, 4).Select(i => $"X-{i}: {new string('x', length / 2)}\r\n")) + "\r\n";

        var response = Encoding.ASCII.GetString(await RawHttp.ExchangeAsync(shared.Service.Address, Encoding.ASCII.GetBytes(text)));

        Assert.StartsWith($"HTTP/1.1 {expected} ", response);
    }

    [Fact]
    public async Task Body_that_arrives_too_slowly_times_out()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shared.Service.Address.Port, Cancel.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(
            "POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray(), Cancel.Token);

        var status = await Eventually.EndsAsync(new ResponseReader(stream).ReadStatusAsync(isHead: false), "the server times out the body");

        Assert.Equal(408, status);
    }

    private Task<Service> StartAsync(LogCapture logs, string path) => Service.StartUnarmedAsync(
        shared.Store.ConnectionString,
        logs.AddTo,
        [("Logging__LogLevel__Default", "Debug"), .. path == "/EvictStaleUsers" ? [("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}")] : Array.Empty<(string, string)>()]);

    /// <summary>Closes a connection with a reset (RST) instead of a FIN.</summary>
    private static void Reset(TcpClient client)
    {
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Close();
    }

    private static async Task AttackAsync(Uri address, Random random, int count, int[] statuses)
    {
        for (var done = 0; done < count;)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, address.Port, Cancel.Token);
            var stream = client.GetStream();
            var reader = new ResponseReader(stream);
            while (done < count)
            {
                var (request, isHead) = NewRequest(random);
                done++;
                try
                {
                    if (random.Next(50) == 0)
                    {
                        await stream.WriteAsync(request.AsMemory(0, random.Next(request.Length)), Cancel.Token);
                        Reset(client);
                        break;
                    }

                    await stream.WriteAsync(request, Cancel.Token);
                    var status = await Eventually.EndsAsync(reader.ReadStatusAsync(isHead), $"a response to {Encoding.Latin1.GetString(request)}");
                    if (status == 0)
                        break; // the server has closed the connection, which is allowed
                    Interlocked.Increment(ref statuses[status]);
                }
                catch (IOException)
                {
                    break;
                }
            }
        }
    }

    private static (byte[] Request, bool IsHead) NewRequest(Random random)
    {
        var text = new StringBuilder();
        var method = Pick(Methods);
        text.Append(method).Append(' ').Append(Pick(Paths));
        for (var i = random.Next(4); i > 0; i--)
            text.Append(Pick(Pieces));
        text.Append(random.Next(50) == 0 ? " HTTP/9.9" : " HTTP/1.1").Append("\r\nHost: localhost\r\n");
        for (var i = random.Next(3); i > 0; i--)
            text.Append(Pick(Headers)).Append("\r\n");
        if (method is "POST" or "PUT" or "PATCH" || random.Next(20) == 0)
        {
            text.Append("Content-Type: application/json\r\n");
            var body = Pick(Bodies);
            if (random.Next(3) == 0)
                text.Append("Transfer-Encoding: chunked\r\n\r\n").Append(Pick(ChunkedBodies));
            else
                text.Append("Content-Length: ").Append(body.Length).Append("\r\n\r\n").Append(body);
        }
        else
        {
            text.Append("\r\n");
        }

        var bytes = Encoding.Latin1.GetBytes(text.ToString());
        if (random.Next(20) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return (bytes, bytes.AsSpan().StartsWith("HEAD "u8));

        string Pick(string[] from) => from[random.Next(from.Length)];
    }
}
