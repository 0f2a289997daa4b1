using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>A listener on 127.0.0.1 that replies to each line with the bytes that a test returns for it, or closes the connection for <see langword="null"/>.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]?> _reply;
    private int _connections;

    public ScriptedServer(Func<string, byte[]?> reply)
    {
        _reply = reply;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Gets the number of connections that were accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public void Dispose() => _listener.Dispose();

    /// <summary>Returns the token of a command.</summary>
    public static string TokenOf(string line) => line[(line.LastIndexOf(" O", StringComparison.Ordinal) + 2)..];

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                while (await reader.ReadLineAsync() is { } line && _reply(line) is { } bytes)
                    await stream.WriteAsync(bytes);
            }
            catch (IOException)
            {
                // The client has closed the connection.
            }
        }
    }
}
