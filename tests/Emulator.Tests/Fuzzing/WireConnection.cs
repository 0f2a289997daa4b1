using System.Net;
using System.Net.Sockets;
using Lookup.Support;

namespace Lookup.Emulator.Tests.Fuzzing;

/// <summary>A TCP connection to the endpoint, reused as long as the endpoint keeps it open.</summary>
internal sealed class WireConnection(int port) : IDisposable
{
    private TcpClient? _client;
    private ResponseReader? _reader;

    /// <summary>Sends a request and returns the status of the response, or null if the endpoint closed the connection without one.</summary>
    public Task<int?> SendAsync(WireRequest request) => Eventually.EndsAsync(ExchangeAsync(request), $"the endpoint responds or closes the connection after:\n{request}");

    public void Dispose() => Close();

    private async Task<int?> ExchangeAsync(WireRequest request)
    {
        var cancellation = TestContext.Current.CancellationToken;
        for (var attempt = 0; ; attempt++)
        {
            var isFresh = _client is null;
            _client ??= await ConnectAsync(cancellation);
            _reader ??= new ResponseReader(_client.GetStream());
            int? status;
            try
            {
                await _client.GetStream().WriteAsync(request.Bytes, cancellation);
                // Otherwise, the endpoint would correctly wait for the rest of an incomplete request.
                if (!request.IsFramed) _client.Client.Shutdown(SocketShutdown.Send);
                status = await _reader.ReadStatusAsync(request.Method == "HEAD") is > 0 and var received ? received : null;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                status = null;
            }

            if (!request.IsFramed || status is null or 400 or 413) Close();
            // A reused connection might have been closed before this request arrived.
            if (status is null && !isFresh && attempt == 0) continue;
            return status;
        }
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
        (_client, _reader) = (null, null);
    }
}
