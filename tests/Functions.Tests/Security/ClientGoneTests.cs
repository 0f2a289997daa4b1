using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Security;

/// <summary>A client that disconnects causes no log entry above Debug and no outcome <c>error</c>, whatever it was doing.</summary>
public sealed class ClientGoneTests
{
    [Theory]
    [InlineData("POST /api/users/lookup", "Content-Length: 1000\r\n\r\n{", false)]
    [InlineData("POST /api/users/lookup", "Content-Length: 1000\r\n\r\n", false)]
    [InlineData("POST /api/users/lookup", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", false)]
    [InlineData("POST /api/users/lookup", "Content-Length: 25\r\n\r\n{\"ids\":[\"large\",\"larger\"]", false)]
    [InlineData("POST /api/users/lookup", "Content-Length: 26\r\n\r\n{\"ids\":[\"large\",\"larger\"]}", true)]
    [InlineData("GET /api/users/large", "\r\n", true)]
    [InlineData("GET /api/users/large", "\r\n", false)]
    [InlineData("GET /api/users/none", "Cache-Control: no-cache\r\n\r\n", false)]
    [InlineData("GET /api/users?email=same", "\r\n", true)]
    [InlineData("GET /api/users/large", "Content-Length: 1000\r\n\r\n{", true)]
    public async Task Reset_is_not_an_error(string request, string rest, bool hasResponse)
    {
        await ResetAsync(request, rest, hasResponse);
        await ResetAsync(request, rest, hasResponse, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}"));
    }

    /// <summary>Resets connections of an instance with the given settings, and examines its log and its outcomes.</summary>
    private static async Task ResetAsync(string request, string rest, bool hasResponse, params (string, string)[] settings)
    {
        var logs = new LogCapture();
        await using var store = await Store.StartAsync();
        foreach (var id in (string[])["large", "larger"])
            await store.PutAsync($$"""{"id":"{{id}}","email":"same","text":"{{new string('x', 1_000_000)}}"}""", id);
        var service = await Service.StartAsync(store, logs.AddTo, [("Logging__LogLevel__Default", "Debug"), .. settings]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var i = 0; i < 25; i++)
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
                await client.GetStream().WriteAsync(
                    Encoding.Latin1.GetBytes($"{request} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{rest}"), Cancel.Token);
                if (hasResponse)
                    await client.GetStream().ReadExactlyAsync(new byte[i * 10 + 1], Cancel.Token);
                client.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }));
        var statistics = await service.GetAsync("/api/stats");

        await service.DisposeAsync(); // waits until all requests have ended
        Assert.DoesNotContain(logs.Lines, line => line.Level >= LogLevel.Warning);
        Assert.DoesNotContain(
            statistics.Json.GetProperty("requests").EnumerateArray(),
            count => count.GetProperty("outcome").GetString() == "error" && count.GetProperty("count").GetInt64() > 0);
    }
}
