using System.Net.Sockets;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

/// <summary>Clients that connect without sending anything, or exceed the share of their address.</summary>
public sealed class SecurityConnectionTests(SharedService shared)
{
    [Fact]
    public async Task Silent_connection_is_closed_long_before_an_idle_one()
    {
        using var silent = await TestConnection.ConnectAsync(shared.Service);
        using var idle = await TestConnection.ConnectAsync(shared.Service);
        Assert.Equal(200, await TestConnection.AskAsync(idle, "/api/health/live"));

        await TestConnection.WithinBoundAsync(EndAsync(silent), "the server closes the silent connection");

        Assert.Equal(200, await TestConnection.AskAsync(idle, "/api/health/live"));
    }

    [Fact]
    public async Task Address_is_limited_to_its_share_of_the_connections()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "20"), ("Lookup__MaxConnectionsPerAddress", "2"));
        using var first = await TestConnection.ConnectAsync(service);
        using var second = await TestConnection.ConnectAsync(service);
        Assert.Equal(200, await TestConnection.AskAsync(first, "/api/health/live"));
        Assert.Equal(200, await TestConnection.AskAsync(second, "/api/health/live"));

        Assert.Equal(503, await TestConnection.AskOnNewConnectionAsync(service, "/api/users/nobody"));
        using (var other = await TestConnection.ConnectAsync(service, from: "127.0.0.2"))
            Assert.Equal(404, await TestConnection.AskAsync(other, "/api/users/nobody"));

        second.Close();
        await Eventually.IsTrueAsync(async () => await TestConnection.AskOnNewConnectionAsync(service, "/api/users/nobody") == 404, "a connection of the address is available again");
    }

    /// <summary>Behind a proxy, the probe of the platform and all clients have the address of the proxy.</summary>
    [Fact]
    public async Task Address_with_its_share_of_the_connections_can_request_health()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "20"), ("Lookup__MaxConnectionsPerAddress", "2"));
        using var first = await TestConnection.ConnectAsync(service);
        using var second = await TestConnection.ConnectAsync(service);
        Assert.Equal(200, await TestConnection.AskAsync(first, "/api/health/live"));
        Assert.Equal(200, await TestConnection.AskAsync(second, "/api/health/live"));

        using var third = await TestConnection.ConnectAsync(service);
        Assert.Equal(200, await TestConnection.AskAsync(third, "/api/health/live"));
        Assert.Equal(0, await third.GetStream().ReadAsync(new byte[1], Cancel.Token)); // one response only
    }

    private Task<Service> StartAsync(params (string Key, string Value)[] settings) =>
        Service.StartUnarmedAsync(shared.Store.ConnectionString, null, settings);

    /// <summary>Waits until the server has closed or reset a connection.</summary>
    private static async Task EndAsync(TcpClient client)
    {
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancel.Token));
        }
        catch (IOException)
        {
            // The connection was reset, which is equally acceptable.
        }
    }
}
