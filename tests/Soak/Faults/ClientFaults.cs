using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>Faults of clients: too many, too slow, or disconnected.</summary>
internal static class ClientFaults
{
    private const int Connections = 10_000;
    private const int Crawlers = 300;

    /// <summary>Opens 10,000 connections, all of which are open at the end and have received a response.</summary>
    public static async Task<string> ConnectAsync(FaultContext context)
    {
        var open = new List<Socket>(Connections);
        var (failed, isFull) = (0, false);
        try
        {
            await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = context.Cancelled }, async (i, token) =>
            {
                if (Volatile.Read(ref isFull))
                    return;
                var instance = context.World.Instances[i % context.World.Instances.Length];
                var began = SoakClock.Now;
                Socket? socket = null;
                try
                {
                    socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    lock (open)
                        open.Add(socket);
                    await socket.ConnectAsync(IPAddress.Loopback, instance.Port, token);
                    await socket.SendAsync("GET /api/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), token);
                    using var bound = CancellationTokenSource.CreateLinkedTokenSource(token);
                    using var patience = new Timer(_ => bound.Cancel(), null, 120_000, Timeout.Infinite);
                    if (await socket.ReceiveAsync(new byte[1024], bound.Token) > 0)
                        return;
                    throw new SocketException((int)SocketError.ConnectionReset);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets)
                {
                    Volatile.Write(ref isFull, true);
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException && !token.IsCancellationRequested)
                {
                    Interlocked.Increment(ref failed);
                    if (instance.DisturbedWithin(began, SoakClock.Now) == 0)
                        context.World.Report(new Violation("new connection", $"Instance {instance.Number} sent no response on connection {i}: {e.Message}"));
                }
            });
            return FormattableString.Invariant($"{open.Count - failed} open concurrently") + (isFull ? ", as many as this machine allows" : "");
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Runs clients that send single bytes slowly, and never a complete request.</summary>
    public static async Task<string> CrawlAsync(FaultContext context)
    {
        var sockets = new List<Socket>();
        var cut = 0;
        try
        {
            for (var i = 0; i < Crawlers; i++)
            {
                var socket = await OpenAsync(context, i);
                if (socket is null)
                    continue;
                sockets.Add(socket);
                TrySend(socket, i % 2 == 0
                    ? "GET /api/users/u1 HTTP/1.1\r\nHost: localhost\r\nX-A: "u8
                    : "POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n{\"ids\":["u8);
            }

            var until = SoakClock.Now + context.Duration.Ticks;
            while (SoakClock.Now < until)
            {
                await context.LastAsync(TimeSpan.FromSeconds(0.5));
                cut += sockets.RemoveAll(socket => !TrySend(socket, " "u8));
            }

            return FormattableString.Invariant($"{Crawlers} clients, {cut} of them cut off");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Runs clients that disconnect in the middle of a request, or before its response.</summary>
    public static async Task<string> VanishAsync(FaultContext context)
    {
        var gone = 0;
        var until = SoakClock.Now + context.Duration.Ticks;
        while (SoakClock.Now < until)
        {
            for (var i = 0; i < 10; i++)
            {
                using var socket = await OpenAsync(context, context.Random.Next());
                if (socket is null)
                    continue;
                socket.LingerState = new LingerOption(true, 0); // a reset, not an orderly end
                var user = context.World.Users.Ids[context.Random.Next(context.World.Users.Count)];
                TrySend(socket, Encoding.ASCII.GetBytes(context.Random.Next(4) switch
                {
                    0 => $"GET /api/users/{user} HT",
                    1 => $"GET /api/users/{user} HTTP/1.1\r\nHost: localhost\r\nCache-Control: no-cache\r\n\r\n",
                    2 => $"GET /api/users?email=m{context.Random.Next(20)}%40example.com HTTP/1.1\r\nHost: localhost\r\nCache-Control: max-age=0\r\n\r\n",
                    _ => "POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n{\"ids\":[",
                }));
                gone++;
            }

            await context.LastAsync(TimeSpan.FromMilliseconds(50));
        }

        return FormattableString.Invariant($"{gone} clients");
    }

    private static async Task<Socket?> OpenAsync(FaultContext context, int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, context.World.Instances[number % context.World.Instances.Length].Port, context.Cancelled);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static bool TrySend(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (socket.Poll(0, SelectMode.SelectRead))
                return false; // The server has responded or closed the connection.
            socket.Send(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
