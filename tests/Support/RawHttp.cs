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
        using var client = await ConnectAsync(address);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"), Cancel.Token);
        return await new ResponseReader(client.GetStream()).ReadAsync(isHead: requestLine.StartsWith("HEAD ", StringComparison.Ordinal))
            ?? throw new IOException("The server closed the connection instead of sending a response.");
    }

    /// <summary>Sends bytes, and reads until the server closes the connection.</summary>
    public static async Task<byte[]> ExchangeAsync(Uri address, byte[] request)
    {
        using var client = await ConnectAsync(address);
        var stream = client.GetStream();
        await stream.WriteAsync(request, Cancel.Token);
        using var response = new MemoryStream();
        await stream.CopyToAsync(response, Cancel.Token);
        return response.ToArray();
    }

    private static async Task<TcpClient> ConnectAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, Cancel.Token);
        return client;
    }
}
