using System.Net;
using System.Net.Sockets;
using Lookup.Support;

namespace Lookup.Benchmarks.Load;

/// <summary>One HTTP/1.1 connection with at most one request under way. Allocates nothing for a request.</summary>
internal sealed class Connection : IDisposable
{
    private readonly IPEndPoint _service;
    private readonly Action<Connection, int> _answered;
    private readonly SocketAsyncEventArgs _receiving = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private ResponseHead _head;
    private int _have;
    private int _expected; // the whole answer's length, once its header is known; 0 before

    /// <param name="service">Where to.</param>
    /// <param name="answered">Hears of each answer's status; 0 where there was none.</param>
    public Connection(IPEndPoint service, Action<Connection, int> answered)
    {
        _service = service;
        _answered = answered;
        _receiving.Completed += (_, _) => Received();
    }

    /// <summary>The request under way, for whoever hears of its answer.</summary>
    public Ticket Ticket { get; set; }

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

        // Not from here: whoever hears of it sends the next one, which may fail at once too, and so on down the stack.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection._answered(connection, 0), this, preferLocal: false);
    }
}
