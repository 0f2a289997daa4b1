using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Soak.Small;

/// <summary>Clients that open connections from several addresses, send one request on each, and keep those that were served open.</summary>
/// <param name="port">The port of the instance.</param>
/// <param name="perSecond">The number of connections that are attempted per second.</param>
/// <param name="idle">The maximum number of connections that are kept open.</param>
internal sealed class ConnectionFlood(int port, int perSecond, int idle) : Pressure
{
    private const int Addresses = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET /api/users/nobody HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private readonly ConcurrentQueue<Socket> _idle = new();

    public override string Unit => "connections";

    /// <summary>Gets the number of connections that are open and were served.</summary>
    public int Idle => _idle.Count;

    public override async Task RunAsync(CancellationToken stopping)
    {
        await OpenLoop.RunAsync(perSecond, OpenAsync, stopping);
        while (_idle.TryDequeue(out var socket))
            socket.Dispose();
    }

    private async Task OpenAsync(long number)
    {
        // Closed by a reset, so that thousands of them per second do not exhaust the ports.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(number % Addresses)]), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            await socket.SendAsync(Request, patience.Token);
            var buffer = new byte[2048];
            var length = await socket.ReceiveAsync(buffer, patience.Token);
            var status = length < 12 ? 0 : int.Parse(Encoding.ASCII.GetString(buffer, 9, 3), CultureInfo.InvariantCulture);
            Count(status);
            if (status == 404)
            {
                _idle.Enqueue(socket);
                if (_idle.Count <= idle || !_idle.TryDequeue(out socket!))
                    return;
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            Count(0);
        }

        socket.Dispose();
    }
}
