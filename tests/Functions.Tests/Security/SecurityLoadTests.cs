using System.Net;
using System.Net.Sockets;
using System.Text;
using Lookup.Functions.Http;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Lookup.Functions.Tests.Security;

/// <summary>Requests that try to cause a disproportionate amount of work in the service or its store.</summary>
public sealed class SecurityLoadTests(SharedService shared)
{
    [Fact]
    public async Task Header_that_arrives_too_slowly_times_out()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, shared.Service.Address.Port, Cancel.Token);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /api/users/ada HTTP/1.1\r\nHost: localhost\r\nX-Slow: "u8.ToArray(), Cancel.Token);

        var status = await Eventually.EndsAsync(new ResponseReader(stream).ReadStatusAsync(isHead: false), "the server times out the header");

        Assert.Equal(408, status);
    }

    [Fact]
    public async Task Incomplete_requests_do_not_delay_other_clients()
    {
        var id = await shared.PutNewUserAsync();
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var client = new TcpClient();
                clients.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, shared.Service.Address.Port, Cancel.Token);
                await client.GetStream().WriteAsync("GET /api/users/ada HTTP/1.1\r\nHost: localhost\r\n"u8.ToArray(), Cancel.Token);
            }

            Assert.Equal(HttpStatusCode.OK, (await shared.Service.GetAsync($"/api/users/{id}")).Status);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public void Requests_and_their_rates_are_bounded()
    {
        var limits = shared.Service.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.InRange(limits.MaxRequestBodySize ?? long.MaxValue, 1, 1 << 20);
        Assert.InRange(limits.MaxRequestHeadersTotalSize, 1, 32 * 1024);
        Assert.InRange(limits.MaxRequestHeaderCount, 1, 100);
        Assert.Equal(TimeSpan.FromSeconds(10), limits.RequestHeadersTimeout);
        Assert.Equal(TimeSpan.FromSeconds(130), limits.KeepAliveTimeout);
        Assert.Equal((240, TimeSpan.FromSeconds(5)), (limits.MinRequestBodyDataRate!.BytesPerSecond, limits.MinRequestBodyDataRate.GracePeriod));
        Assert.Equal((16 * 1024, TimeSpan.FromSeconds(5)), (limits.MinResponseDataRate!.BytesPerSecond, limits.MinResponseDataRate.GracePeriod));
        Assert.Equal(16_384 + 64, limits.MaxConcurrentConnections);
        Assert.Equal(16, ConnectionGuard.ReserveOfOneAddress);
    }

    [Fact]
    public async Task Scan_of_unknown_ids_does_not_evict_a_cached_user()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, null, ("Lookup__CacheSizeBytes", "1048576"));
        await service.GetAsync("/api/users/ada");

        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.OK, (await LookupAsync(service, Enumerable.Range(i * 50, 50).Select(n => $"nobody-{n}"))).Status);

        Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/ada")).CacheStatus);
        var cache = (await service.GetAsync("/api/stats")).Json.GetProperty("cache");
        Assert.InRange(cache.GetProperty("bytes").GetInt64(), 1, 1 << 20);
    }

    [Fact]
    public async Task Repeated_lookups_of_an_unknown_id_or_value_send_no_store_request()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await service.GetAsync("/api/users/nobody");
        await service.GetAsync("/api/users?email=nobody");
        var reads = await store.CountAsync("pointReads");
        var queries = await store.CountAsync("queries");

        for (var i = 0; i < 100; i++)
        {
            await service.GetAsync("/api/users/nobody");
            await service.GetAsync("/api/users?email=nobody");
        }

        Assert.Equal((reads, queries), (await store.CountAsync("pointReads"), await store.CountAsync("queries")));
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\" OR true OR c.id = \"")]
    [InlineData("@value")]
    [InlineData("ada@example.com\u0000")]
    public async Task Value_that_looks_like_a_query_is_only_a_value(string value)
    {
        await shared.PutNewUserAsync();

        var response = await shared.Service.GetAsync($"/api/users?email={Uri.EscapeDataString(value)}");

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.Empty(response.Json.GetProperty("users").EnumerateArray());
    }

    [Fact]
    public async Task Value_that_is_too_long_is_rejected_without_a_store_request()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        var queries = await store.CountAsync("queries");

        (await service.GetAsync($"/api/users?email={new string('x', 1025)}")).ShouldBeProblem(400, "bad-request");
        Assert.Equal(queries, await store.CountAsync("queries"));

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync($"/api/users?email={new string('x', 1024)}")).Status);
        Assert.True(await store.CountAsync("queries") > queries);
    }

    private static Task<TestResponse> LookupAsync(Service service, IEnumerable<string> ids)
    {
        var body = $$"""{"ids":[{{string.Join(',', ids.Select(id => $"\"{id}\""))}}]}""";
        return service.SendAsync(HttpMethod.Post, "/api/users/lookup", new StringContent(body, Encoding.UTF8, "application/json"));
    }
}
