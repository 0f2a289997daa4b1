using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Support;

namespace Lookup.Emulator.Tests.Fuzzing;

/// <summary>One TCP connection to the endpoint, used again as long as the endpoint keeps it open.</summary>
internal sealed class WireConnection(int port) : IDisposable
{
    private TcpClient? _client;

    /// <summary>The status of the answer; null when the endpoint closed the connection without one.</summary>
    public Task<int?> SendAsync(WireRequest request) => Eventually.EndsAsync(ExchangeAsync(request), $"an answer or the end of the connection after:\n{request}");

    public void Dispose() => Close();

    private async Task<int?> ExchangeAsync(WireRequest request)
    {
        var cancelled = TestContext.Current.CancellationToken;
        for (var attempt = 0; ; attempt++)
        {
            var isFresh = _client is null;
            var stream = (_client ??= await ConnectAsync(cancelled)).GetStream();
            int? status;
            try
            {
                await stream.WriteAsync(request.Bytes, cancelled);
                // Otherwise the endpoint would wait, as it should, for the rest of a request that has none.
                if (!request.IsFramed) _client.Client.Shutdown(SocketShutdown.Send);
                status = await ReadAnswerAsync(stream, request.Method == "HEAD", cancelled);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                status = null;
            }

            if (!request.IsFramed || status is null or 400 or 413) Close();
            // A kept connection may have been closed before this request came.
            if (status is null && !isFresh && attempt == 0) continue;
            return status;
        }
    }

    private static async Task<int?> ReadAnswerAsync(NetworkStream stream, bool isHead, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var head = new MemoryStream();
        int end;
        while ((end = Encoding.Latin1.GetString(head.GetBuffer(), 0, (int)head.Length).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0) return null;
            head.Write(buffer, 0, read);
        }

        var lines = Encoding.Latin1.GetString(head.GetBuffer(), 0, end).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture)).FirstOrDefault();
        if (isHead || status is 204 or 304) return status;
        for (var left = length - (head.Length - end - 4); left > 0;)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0) throw new IOException("The answer broke off.");
            left -= read;
        }

        return status;
    }

    private async Task<TcpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return client;
    }

    private void Close()
    {
        _client?.Dispose();
        _client = null;
    }
}
