using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Soak.Fleet;
using Lookup.Soak.Load;

namespace Lookup.Soak.Small;

/// <summary>
/// A client that requests cached users at a fixed rate on one connection, on its own thread, and records how long the responses take. The
/// requests accept a stale response if the store fails. Responses for which the service tried to read the store are recorded apart from hits.
/// </summary>
internal sealed class HitProbe : IDisposable
{
    private const int PerSecond = 100;
    private const int PatienceMilliseconds = 10_000;

    private readonly int _port;
    private readonly byte[][] _requests;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private ProbeLatencies _latencies = new(new Latencies(), new Latencies());
    private Socket? _socket;

    /// <param name="port">The port of the instance.</param>
    /// <param name="ids">Users that exist and do not change.</param>
    public HitProbe(int port, IEnumerable<string> ids)
    {
        _port = port;
        _requests = [.. ids.Select(id => Encoding.ASCII.GetBytes($"GET /api/users/{id} HTTP/1.1\r\nHost: localhost\r\nCache-Control: stale-if-error=600\r\n\r\n"))];
        _thread = new Thread(Run) { IsBackground = true, Name = "hit probe", Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    /// <summary>Returns the latencies since the last call, and begins with none.</summary>
    public ProbeLatencies Take()
    {
        lock (_gate)
        {
            var taken = _latencies;
            _latencies = new ProbeLatencies(new Latencies(), new Latencies());
            return taken;
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _thread.Join();
        _socket?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The latencies of hits, and those of responses for which the service tried to read the store.</summary>
    internal sealed record ProbeLatencies(Latencies Hits, Latencies Others);

    private void Run()
    {
        const long Interval = TimeSpan.TicksPerSecond / PerSecond;
        var due = SoakClock.Now;
        for (var i = 0; !_stopping.IsCancellationRequested; i++)
        {
            due += Interval;
            var began = SoakClock.Now;
            if (due > began)
            {
                if (_stopping.Token.WaitHandle.WaitOne(TimeSpan.FromTicks(due - began)))
                    return;
                began = SoakClock.Now;
            }
            else
            {
                due = began;
            }

            var (status, isHit) = Exchange(_requests[i % _requests.Length]);
            lock (_gate)
                (isHit ? _latencies.Hits : _latencies.Others).Add(SoakClock.Now - began, isHit ? Interval : long.MaxValue, status);
        }
    }

    /// <summary>Returns the status of the response, or 0 if there was none, and a value that indicates whether it is a hit.</summary>
    private (int Status, bool IsHit) Exchange(byte[] request)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = PatienceMilliseconds };
                _socket.Connect(IPAddress.Loopback, _port);
            }

            _socket.Send(request);
            var reader = new PipelinedReader((buffer, offset, count) => _socket.Receive(buffer, offset, count, SocketFlags.None));
            reader.Next();
            return (reader.Status, reader.CacheStatus.IndexOf("hit"u8) >= 0);
        }
        catch (SocketException)
        {
            _socket?.Dispose();
            _socket = null;
            return (0, false);
        }
    }
}
