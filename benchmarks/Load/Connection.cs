using System.Net;
using System.Net.Sockets;
using Lookup.Support;

namespace Lookup.Benchmarks.Load;

/// <summary>One HTTP/1.1 connection with at most one request in flight. A request causes no allocation.</summary>
internal sealed class Connection : IDisposable
{
    private readonly IPEndPoint _service;
    private readonly Action<Connection, int> _answered;
    private readonly SocketAsyncEventArgs _receiving = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private ResponseHead _head;
    private int _have;
    private int _expected; // the length of the whole response, once its header is known; 0 before

    /// <param name="service">The address of the service.</param>
    /// <param name="answered">Receives the status of each response, or 0 if there was none.</param>
    public Connection(IPEndPoint service, Action<Connection, int> answered)
    {
        _service = service;
        _answered = answered;
        _receiving.Completed += (_, _) => Received();
    }

    /// <summary>Gets or sets the request in flight, for the callback that receives the response.</summary>
    public ScheduledRequest Request { get; set; }

    public void Send(byte[] request)
    {
        try
        {
            _socket ??= Connect();
            _have = _expected = 0;
            _socket.Send(request);
            Receive();
        }
        catch (SocketException)
        {
            Fail();
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _receiving.Dispose();
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(_service);
        return socket;
    }

    private void Receive()
    {
        _receiving.SetBuffer(_buffer, _have, _buffer.Length - _have);
        if (!_socket!.ReceiveAsync(_receiving))
            Received();
    }

    private void Received()
    {
        if (_receiving.SocketError != SocketError.Success || _receiving.BytesTransferred == 0)
        {
            Fail();
            return;
        }

        _have += _receiving.BytesTransferred;
        if (_expected == 0 && ResponseHead.TryRead(_buffer.AsSpan(0, _have), 0, out _head))
            _expected = _head.Length + _head.BodyLength;
        if (_expected == 0 || _have < _expected)
        {
            if (_have < _buffer.Length)
                Receive();
            else
                Fail();
            return;
        }

        _answered(this, _head.Status);
    }

    private void Fail()
    {
        _socket?.Dispose();
        _socket = null;

        // Not called inline: the callback sends the next request, which may also fail immediately, so that the calls would nest.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection._answered(connection, 0), this, preferLocal: false);
    }
}
