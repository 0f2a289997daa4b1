using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Soak.Churn;

/// <summary>Clients that never repeat a request: they use new connections, users, unknown ids and addresses.</summary>
internal sealed class ChurnClients(World world, int seed)
{
    private const int Clients = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private long _connections;
    private long _created;

    /// <summary>Gets the number of connections that were opened and closed.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Gets the number of users that were created, read and deleted.</summary>
    public long Created => Interlocked.Read(ref _created);

    public Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunOneAsync(client, stopping), CancellationToken.None)));

    private async Task RunOneAsync(int client, CancellationToken stopping)
    {
        var random = new Random(HashCode.Combine(seed, client));
        try
        {
            for (var round = 0; ; round++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"c{client}-{round}");
                await world.Endpoint.TryPutAsync(id, $$"""{"id":"{{id}}","email":"{{id}}@example.com","round":{{round}}}""", stopping);
                var port = world.Instances[round % world.Instances.Length].Port;
                await AskAsync(port, random, stopping,
                [
                    $"/api/users/{id}", $"/api/users/{id}", $"/api/users/x{random.Next()}", $"/api/users/x{random.Next()}", $"/api/users?email={id}%40example.com",
                ]);
                await world.Endpoint.TryDeleteAsync(id, stopping);
                await AskAsync(port, random, stopping, [$"/api/users/{id}"]);
                Interlocked.Increment(ref _created);
                await Task.Delay(Pause, TimeProvider.System, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>Sends requests on a separate connection, which is closed in order or, occasionally, before the last response.</summary>
    private async Task AskAsync(int port, Random random, CancellationToken stopping, params string[] paths)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stopping);
            var buffer = new byte[8 * 1024];
            foreach (var path in paths)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), stopping);
                if (random.Next(20) == 0)
                    socket.LingerState = new LingerOption(true, 0);
                else if (await socket.ReceiveAsync(buffer, stopping) == 0)
                    break;
            }
        }
        catch (SocketException)
        {
            // Not counted: other clients check the responses.
        }

        Interlocked.Increment(ref _connections);
    }
}
