using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;
using Lookup.Soak.Load;

namespace Lookup.Soak.Faults;

/// <summary>Requests to a stopped instance, each on a separate connection. The instance serves them when it runs again.</summary>
internal sealed class WaitingRequests(World world, int instance, Random random) : IDisposable
{
    /// <summary>The maximum number of requests, below the number of connections that the system accepts for a stopped process.</summary>
    private const int Most = 300;

    private const int AfterThaw = 30;

    private readonly List<(Socket Socket, PlannedRequest Request, long Began)> _waiting = [];
    private readonly RequestMix _mix = new(world, random, isDemanding: false);
    private readonly InstanceLife _life = world.Lives[instance];

    public int Sent => _waiting.Count;

    /// <summary>Sends requests, spread over a duration, with the last one at its end.</summary>
    public async Task SendForAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var until = SoakClock.Now + duration.Ticks;
        var pause = duration / (Most - (2 * AfterThaw));
        while (SoakClock.Now < until)
        {
            if (_waiting.Count < Most - (2 * AfterThaw))
                Send();
            await Task.Delay(TimeSpan.FromTicks(Math.Max(0, Math.Min(pause.Ticks, until - SoakClock.Now))), TimeProvider.System, cancellationToken);
        }

        SendMore();
    }

    public void SendMore()
    {
        for (var i = 0; i < AfterThaw; i++)
            Send();
    }

    /// <summary>Receives and checks the responses, and returns their number.</summary>
    public int Receive()
    {
        var received = 0;
        foreach (var (socket, request, began) in _waiting)
        {
            try
            {
                var reader = new PipelinedReader((buffer, offset, count) => socket.Receive(buffer, offset, count, SocketFlags.None));
                reader.Next();
                var ended = SoakClock.Now;
                world.Count(instance, world.Judge.Decide(_life, request, reader, began, ended), began, ended);
                received++;
            }
            catch (SocketException)
            {
                world.CountLost(instance, began, SoakClock.Now, 0);
            }
        }

        return received;
    }

    public void Dispose() => _waiting.ForEach(waiting => waiting.Socket.Dispose());

    private void Send()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
        var request = new PlannedRequest();
        var bytes = new List<byte>();
        _mix.Draw(_life, request, bytes);
        try
        {
            socket.Connect(IPAddress.Loopback, world.Instances[instance].Port);
            var began = SoakClock.Now;
            socket.Send(CollectionsMarshal.AsSpan(bytes));
            _waiting.Add((socket, request, began));
        }
        catch (SocketException)
        {
            socket.Dispose();
        }
    }
}
