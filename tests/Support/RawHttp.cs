using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Support;

/// <summary>Sends requests byte for byte as written, unlike an HTTP client.</summary>
public static class RawHttp
{
    /// <param name="address">The address of the server.</param>
    /// <param name="requestLine">The request line, such as <c>GET /api/users/a%2Fb HTTP/1.1</c>.</param>
    /// <param name="headers">The header lines.</param>
    public static async Task<TestResponse> SendAsync(Uri address, string requestLine, params string[] headers)
    {
        var lines = headers.Prepend("Connection: close").Prepend($"Host: {address.Authority}").Prepend(requestLine);
        var response = await ExchangeAsync(address, Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"));
        return Parse(response);
    }

    /// <summary>Sends bytes, and reads until the server closes the connection.</summary>
    public static async Task<byte[]> ExchangeAsync(Uri address, byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, Cancel.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(request, Cancel.Token);
        using var response = new MemoryStream();
        await stream.CopyToAsync(response, Cancel.Token);
        return response.ToArray();
    }

    private static TestResponse Parse(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(
            parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
        return new TestResponse((HttpStatusCode)int.Parse(lines[0].Split(' ')[1], null), headers, bytes[(end + 4)..]);
    }
}
