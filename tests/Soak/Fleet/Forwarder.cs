using System.Net;
using System.Net.Sockets;

namespace Lookup.Soak.Fleet;

/// <summary>
/// A proxy between the instances and the endpoint, so that the endpoint can disappear from the network and come back at the same
/// address, with its data or as another process.
/// </summary>
internal sealed class Forwarder : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public Forwarder()
    {
        _listener = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(_listener);
    }

    public int Port { get; }

    /// <summary>Gets or sets the port of the endpoint itself.</summary>
    public int Target { get; set; }

    /// <summary>Refuses new connections, and cuts the existing ones.</summary>
    public async Task CutAsync()
    {
        Socket[] open;
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
            open = [.. _open];
            _open.Clear();
        }

        foreach (var socket in open)
            socket.Dispose();
        await _accepting;
    }

    public void Open()
    {
        lock (_gate)
        {
            if (_listener is not null)
                return;
            _listener = Listen(Port);
            _accepting = AcceptAsync(_listener);
        }
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        return listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
                _ = ForwardAsync(listener, await listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task ForwardAsync(Socket listener, Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_gate)
        {
            if (!ReferenceEquals(listener, _listener))
            {
                client.Dispose();
                server.Dispose();
                return;
            }

            _open.Add(client);
            _open.Add(server);
        }

        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The endpoint is down: the client's connection is closed.
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(client);
                _open.Remove(server);
            }

            client.Dispose();
            server.Dispose();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (true)
            {
                var length = await from.ReceiveAsync(buffer);
                if (length == 0)
                    return;
                for (var sent = 0; sent < length;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // If either side has closed its connection, the other one is closed too.
        }
    }
}
