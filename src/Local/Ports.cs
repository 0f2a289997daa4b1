using System.Net;
using System.Net.Sockets;

namespace Lookup.Local;

/// <summary>The check of the ports, before any work is done.</summary>
internal static class Ports
{
    /// <summary>Ensures that all ports in the options are available.</summary>
    /// <exception cref="LocalRunException">A port is not available. The message contains the flag that changes it.</exception>
    public static void EnsureFree(LocalOptions options)
    {
        EnsureFree(options.CosmosPort, "the Cosmos DB endpoint", "--cosmos-port");
        foreach (var port in options.InstancePorts)
            EnsureFree(port, "the service", "--port");
    }

    /// <summary>Creates the exception for a port that is not available, with the flag that changes it.</summary>
    public static LocalRunException NotFree(int port, string purpose, string flag, Exception? cause = null) =>
        new($"Port {port} on 127.0.0.1 is not available for {purpose} (in use or reserved); use {flag} to choose another.", cause);

    private static void EnsureFree(int port, string purpose, string flag)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException cause)
        {
            throw NotFree(port, purpose, flag, cause);
        }
    }
}
