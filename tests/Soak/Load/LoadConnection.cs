using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Load;

/// <summary>One connection to one instance, on its own thread. It pipelines requests, reads the responses, and has them checked.</summary>
internal sealed class LoadConnection
{
    /// <summary>The interval at which a thread that waits for a response checks for cancellation.</summary>
    private const int CancellationCheckMilliseconds = 500;

    private readonly World _world;
    private readonly int _instance;
    private readonly RequestMix _mix;
    private readonly PlannedRequest[] _planned;
    private readonly long _interval;
    private readonly List<byte> _bytes = new(16 * 1024);
    private readonly Thread _thread;
    private Socket? _socket;
    private PipelinedReader? _reader;
    private long _waitingSince;

    /// <param name="world">The world, which checks the responses.</param>
    /// <param name="instance">The instance that receives the requests.</param>
    /// <param name="mix">The source of the requests.</param>
    /// <param name="depth">The number of requests that are sent together.</param>
    /// <param name="interval">The time from one batch of requests to the next.</param>
    public LoadConnection(World world, int instance, RequestMix mix, int depth, TimeSpan interval)
    {
        (_world, _instance, _mix, _interval) = (world, instance, mix, interval.Ticks);
        _planned = [.. Enumerable.Range(0, depth).Select(_ => new PlannedRequest())];
        _thread = new Thread(Run) { IsBackground = true, Name = $"load {instance}" };
    }

    public void Start() => _thread.Start();

    /// <summary>Waits for the end of the thread.</summary>
    public bool Join(TimeSpan bound) => _thread.Join(bound);

    private void Run()
    {
        var due = SoakClock.Now;
        while (!_world.Stopping.IsCancellationRequested)
        {
            due = Math.Max(due + _interval, SoakClock.Now - _interval);
            var ahead = due - SoakClock.Now;
            if (ahead > 0 && _world.Stopping.WaitHandle.WaitOne(TimeSpan.FromTicks(ahead)))
                break;
            if (TryConnect())
                Exchange();
        }

        _socket?.Dispose();
    }

    private bool TryConnect()
    {
        if (_socket is not null)
            return true;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = CancellationCheckMilliseconds };
        try
        {
            socket.Connect(IPAddress.Loopback, _world.Instances[_instance].Port);
        }
        catch (SocketException)
        {
            socket.Dispose();
            _world.NoteRefused(_instance, SoakClock.Now);
            _world.Stopping.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(50));
            return false;
        }

        _socket = socket;
        _reader = new PipelinedReader(Receive);
        return true;
    }

    private void Exchange()
    {
        var life = _world.Lives[_instance];
        _bytes.Clear();
        foreach (var request in _planned)
            _mix.Draw(life, request, _bytes);

        var began = SoakClock.Now;
        var received = 0;
        try
        {
            var rest = CollectionsMarshal.AsSpan(_bytes);
            while (!rest.IsEmpty)
                rest = rest[_socket!.Send(rest)..];

            _waitingSince = began;
            foreach (var request in _planned)
            {
                _reader!.Next();
                var ended = SoakClock.Now;
                received++;
                _waitingSince = ended;
                _world.Count(_instance, _world.Judge.Decide(life, request, _reader, began, ended), began, ended);
                if (request.Kind == RequestKind.Clear)
                    _world.EndClear();
                if (_reader.WillClose)
                    throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
        catch (SocketException)
        {
            _socket!.Dispose();
            _socket = null;
            for (var lost = received; lost < _planned.Length && !_world.Stopping.IsCancellationRequested; lost++)
                _world.CountLost(_instance, began, SoakClock.Now, received);
            foreach (var request in _planned.Skip(received).Where(request => request.Kind == RequestKind.Clear))
                _world.EndClear();
        }
    }

    private int Receive(byte[] buffer, int offset, int count)
    {
        while (true)
        {
            try
            {
                return _socket!.Receive(buffer, offset, count, SocketFlags.None);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                if (_world.Stopping.IsCancellationRequested || _world.IsHung(_instance, _waitingSince))
                    throw;
            }
        }
    }
}
