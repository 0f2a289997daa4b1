using System.Net.Sockets;
using System.Text;
using Lookup.Functions.Http;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Security;

/// <summary>Clients that connect when all ordinary connections are taken: the reserve serves health requests only.</summary>
public sealed class SecurityReserveTests(SharedService shared)
{
    [Fact]
    public async Task Connection_above_the_limit_is_served_health_only()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "2"));
        using var first = await TestConnection.ConnectAsync(service);
        using var second = await TestConnection.ConnectAsync(service);
        Assert.Equal(404, await TestConnection.AskAsync(first, "/api/users/nobody"));
        Assert.Equal(404, await TestConnection.AskAsync(second, "/api/users/nobody"));

        using (var third = await TestConnection.ConnectAsync(service))
            Assert.Equal(503, await TestConnection.AskAsync(third, "/api/users/nobody"));
        using (var fourth = await TestConnection.ConnectAsync(service))
        {
            Assert.Equal(200, await TestConnection.AskAsync(fourth, "/api/health/live"));
            Assert.Equal(0, await fourth.GetStream().ReadAsync(new byte[1], Cancel.Token)); // one response only
        }

        Assert.Equal(404, await TestConnection.AskAsync(first, "/api/users/nobody"));
        second.Close();
        await Eventually.IsTrueAsync(async () => await TestConnection.AskOnNewConnectionAsync(service, "/api/users/nobody") == 404, "a connection is available again");
    }

    [Fact]
    public async Task Silent_connections_do_not_block_health()
    {
        await using var service = await StartAsync(("Lookup__MaxConnections", "8"), ("Lookup__MaxConnectionsPerAddress", "8"));
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 8 + ConnectionGuard.ReserveOfOneAddress; i++)
                silent.Add(await TestConnection.ConnectAsync(service));

            // Silent connections in the reserve are closed after a second, so capacity becomes available repeatedly.
            await Eventually.IsTrueAsync(async () => await TestConnection.AskOnNewConnectionAsync(service, "/api/health/live") == 200, "health responds");
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    /// <summary>
    /// A connection of the reserve is closed although its request never becomes complete. The server's own limits, which would close it too,
    /// are off.
    /// </summary>
    [Theory]
    [InlineData("G", "")]
    [InlineData("GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "x")]
    public async Task Reserve_connection_is_closed_before_its_request_is_complete(string first, string then)
    {
        string[] addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString,
            services => services.PostConfigure<KestrelServerOptions>(options =>
                (options.Limits.RequestHeadersTimeout, options.Limits.KeepAliveTimeout) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1))),
            ("Lookup__MaxConnections", "1"));
        var clients = new List<TcpClient>();
        try
        {
            clients.Add(await TestConnection.ConnectAsync(service));
            Assert.Equal(200, await TestConnection.AskAsync(clients[0], "/api/health/live"));
            var reserve = new List<Task>();
            foreach (var address in addresses)
            {
                for (var i = 0; i < ConnectionGuard.ReserveOfOneAddress; i++)
                {
                    clients.Add(await TestConnection.ConnectAsync(service, address));
                    reserve.Add(EndsAsync(clients[^1]));
                }
            }

            await TestConnection.WithinBoundAsync(Task.WhenAll(reserve), "the reserve is free again");
            Assert.Equal(404, await TestConnection.AskAsync(clients[0], "/api/users/nobody"));
            await Eventually.IsTrueAsync(async () => await TestConnection.AskOnNewConnectionAsync(service, "/api/health/live", "127.0.0.6") == 200, "health responds");
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        // Sends, continues to send while possible, and reads until the server closes the connection.
        async Task EndsAsync(TcpClient client)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel.Token);
            var stream = client.GetStream();
            var sending = SendAsync();
            try
            {
                await stream.CopyToAsync(Stream.Null, Cancel.Token);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The connection was reset, which is equally acceptable.
            }

            await ended.CancelAsync();
            await sending;

            async Task SendAsync()
            {
                try
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(first), ended.Token);
                    while (then.Length > 0)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ended.Token);
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(then), ended.Token);
                    }
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
                {
                    // The connection has ended.
                }
            }
        }
    }

    private Task<Service> StartAsync(params (string Key, string Value)[] settings) =>
        Service.StartUnarmedAsync(shared.Store.ConnectionString, null, settings);
}
