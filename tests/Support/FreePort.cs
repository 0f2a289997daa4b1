using System.Net;
using System.Net.Sockets;

namespace Lookup.Support;

/// <summary>Finds ports for processes that cannot choose their own.</summary>
/// <remarks>
/// A port from the ephemeral range may be taken before the process listens on it, because every connection of every other test uses
/// one. The ports returned here lie below that range, none is returned twice, and each test process starts at a different one.
/// </remarks>
public static class FreePort
{
    private const int Lowest = 20_000;
    private const int Count = 10_000;

    /// <summary>More ports than a test process needs.</summary>
    private const int Stride = 100;

    private static int _given = Environment.ProcessId * Stride;

    /// <summary>Finds a free port on 127.0.0.1.</summary>
    public static int Next() => NextInARow(1);

    /// <summary>Finds free ports with consecutive numbers on 127.0.0.1.</summary>
    /// <returns>The first of them.</returns>
    public static int NextInARow(int count)
    {
        for (var tried = 0; tried < Count; tried += count)
        {
            var first = Lowest + (int)((uint)(Interlocked.Add(ref _given, count) - count) % (Count - count));
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }

        throw new InvalidOperationException($"Of the ports {Lowest} to {Lowest + Count - 1} on 127.0.0.1, no {count} in a row are free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
