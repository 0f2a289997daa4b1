using System.Net;
using System.Net.Sockets;

namespace Lookup.Local;

/// <summary>Finds out about taken ports before any work is done.</summary>
internal static class Ports
{
    /// <summary>Makes sure that every port the options name can be listened on.</summary>
    /// <exception cref="LocalRunException">One cannot; the message names it and the flag that changes it.</exception>
    public static void EnsureFree(LocalOptions options)
    {
        EnsureFree(options.CosmosPort, "the Cosmos DB endpoint", "--cosmos-port");
        foreach (var port in options.InstancePorts)
            EnsureFree(port, "the service", "--port");
    }

    /// <summary>Says that a port could not be had, and which flag changes it.</summary>
    public static LocalRunException NotFree(int port, string user, string flag, Exception? cause = null) =>
        new($"Port {port} on 127.0.0.1, wanted for {user}, cannot be listened on (another program has it, or it is reserved); {flag} takes another.", cause);

    private static void EnsureFree(int port, string user, string flag)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException cause)
        {
            throw NotFree(port, user, flag, cause);
        }
    }
}
