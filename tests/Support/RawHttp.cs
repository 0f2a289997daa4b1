using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Support;

/// <summary>Sends a request byte for byte as written, which no HTTP client would.</summary>
public static class RawHttp
{
    /// <param name="address">The server.</param>
    /// <param name="requestLine">Such as <c>GET /api/users/a%2Fb HTTP/1.1</c>.</param>
    /// <param name="headers">Further lines.</param>
    public static async Task<Answer> SendAsync(Uri address, string requestLine, params string[] headers)
    {
        var lines = headers.Prepend("Connection: close").Prepend($"Host: {address.Authority}").Prepend(requestLine);
        var answer = await ExchangeAsync(address, Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"));
        return Parse(answer);
    }

    /// <summary>Sends bytes and reads until the server closes.</summary>
    public static async Task<byte[]> ExchangeAsync(Uri address, byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, Cancel.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(request, Cancel.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, Cancel.Token);
        return answer.ToArray();
    }

    private static Answer Parse(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(
            parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
        return new Answer((HttpStatusCode)int.Parse(lines[0].Split(' ')[1], null), headers, bytes[(end + 4)..]);
    }
}
