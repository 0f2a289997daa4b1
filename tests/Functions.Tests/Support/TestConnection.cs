using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Functions.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Support;

/// <summary>Plain connections to a service under test.</summary>
internal static class TestConnection
{
    /// <summary>Long enough for a busy machine, and shorter than the keep-alive timeout.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(110);

    public static async Task<TcpClient> ConnectAsync(Service service, string from = "127.0.0.1")
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        return client;
    }

    /// <summary>Sends a request on a new connection, which the server may refuse.</summary>
    public static async Task<int> AskOnNewConnectionAsync(Service service, string path, string from = "127.0.0.1")
    {
        try
        {
            using var client = await ConnectAsync(service, from);
            return await AskAsync(client, path);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Sends a request on a connection. Returns the status, or 0 if the connection was closed instead.</summary>
    public static async Task<int> AskAsync(TcpClient client, string path)
    {
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), Cancel.Token);
            return await new ResponseReader(stream).ReadStatusAsync(isHead: false);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public static async Task WithinBoundAsync(Task task, string what)
    {
        if (await Task.WhenAny(task, Task.Delay(Bound, TimeProvider.System, Cancel.Token)) != task)
            Assert.Fail($"Not within {Bound.TotalSeconds} s: {what}.");
        await task;
    }
}
