using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Security;

/// <summary>Clients that try to make the instance hold more users than its cache has room for.</summary>
public sealed class SecurityMemoryTests
{
    private const int Bytes = 1_900_000;

    [Fact]
    public async Task Slow_readers_of_large_users_hold_a_bounded_number_and_others_get_503_until_they_have_ended()
    {
        const int SlowReaders = 8; // as many as fit into 16 MiB
        await using var store = await Store.StartAsync();
        for (var i = 0; i <= SlowReaders; i++)
            await PutLargeAsync(store, $"large{i}");
        await store.PutUserAsync("small");
        await using var service = await StartAsync(store);
        await service.GetAsync("/api/users/small");
        var responses = service.Services.GetRequiredService<UserCache>().Responses;
        var readers = new List<TcpClient>();
        try
        {
            for (var i = 0; i < SlowReaders; i++)
            {
                Assert.Equal(HttpStatusCode.OK, (await service.GetAsync($"/api/users/large{i}")).Status);
                readers.Add(await RequestWithoutReadingAsync(service, $"GET /api/users/large{i} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
                await Eventually.IsTrueAsync(() => responses.InUse >= (i + 1) * Bytes, "the response is being written");
            }

            var before = await OutcomesAsync(service);
            var uncached = service.GetAsync($"/api/users/large{SlowReaders}");
            var cached = service.GetAsync("/api/users/large0");
            foreach (var rejected in await Task.WhenAll(uncached, cached))
            {
                rejected.ShouldBeProblem(503, "overloaded");
                Assert.Equal("1", rejected["Retry-After"]);
                Assert.Null(rejected["ETag"]);
                Assert.Equal("no-store", rejected["Cache-Control"]);
            }

            // Each request has one outcome.
            var after = await OutcomesAsync(service);
            Assert.Equal((before.All + 2, before.Errors + 2), after);
            Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/small")).CacheStatus);
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
        }

        await Eventually.IsTrueAsync(() => responses.InUse == 0, "the memory is free");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync($"/api/users/large{SlowReaders}")).Status);
    }

    [Fact]
    public async Task Batches_and_finds_that_are_not_read_count_as_well()
    {
        await using var store = await Store.StartAsync();
        string[] ids = [.. Enumerable.Range(0, 10).Select(i => $"large{i}")];
        foreach (var id in ids)
            await PutLargeAsync(store, id);
        await using var service = await StartAsync(store);
        var responses = service.Services.GetRequiredService<UserCache>().Responses;
        var batch = JsonSerializer.Serialize(new { ids });
        using (var reader = await RequestWithoutReadingAsync(
            service, $"POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {batch.Length}\r\n\r\n{batch}"))
        {
            await Eventually.IsTrueAsync(() => responses.InUse >= 9 * Bytes, "the batch is being written");
            (await service.GetAsync("/api/users?email=all%40example.com")).ShouldBeProblem(503, "overloaded");
        }

        await Eventually.IsTrueAsync(() => responses.InUse == 0, "the memory is free");
        var found = await service.GetAsync("/api/users?email=all%40example.com");
        Assert.Equal(ids, found.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString()));
        Assert.Equal(0, responses.InUse);
    }

    [Fact]
    public async Task Batch_of_more_bytes_than_one_response_may_have_is_rejected_and_a_find_is_truncated()
    {
        await using var store = await Store.StartAsync();
        string[] ids = [.. Enumerable.Range(0, 60).Select(i => $"large{i:00}")];
        foreach (var id in ids)
            await PutLargeAsync(store, id);
        await using var service = await StartAsync(store);

        var rejected = await LookupAsync(service, ids);
        rejected.ShouldBeProblem(400, "bad-request");
        Assert.Contains("67108864 bytes", rejected.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(10, (await LookupAsync(service, ids[..10])).Json.GetProperty("users").GetArrayLength());

        var found = (await service.GetAsync("/api/users?email=all%40example.com")).Json;
        Assert.True(found.GetProperty("truncated").GetBoolean());
        Assert.InRange(found.GetProperty("users").GetArrayLength(), 10, 50);
    }

    private static async Task<(long All, long Errors)> OutcomesAsync(Service service)
    {
        var counts = (await service.GetAsync("/api/stats")).Json.GetProperty("requests").EnumerateArray()
            .ToLookup(row => row.GetProperty("outcome").GetString(), row => row.GetProperty("count").GetInt64());
        return (counts.Sum(outcome => outcome.Sum()), counts["error"].Sum());
    }

    /// <summary>Starts an instance with a small cache that never disconnects a slow client.</summary>
    private static Task<Service> StartAsync(Store store) => Service.StartAsync(
        store,
        services => services.PostConfigure<KestrelServerOptions>(kestrel => kestrel.Limits.MinResponseDataRate = null),
        ("Lookup__CacheSizeBytes", $"{64 << 20}"),
        ("Lookup__ReadDeadline", "00:00:05"));

    private static Task PutLargeAsync(Store store, string id) =>
        store.PutAsync(JsonSerializer.Serialize(new { id, email = "all@example.com", about = new string('x', Bytes) }), id);

    private static Task<TestResponse> LookupAsync(Service service, string[] ids) => service.SendAsync(
        HttpMethod.Post, "/api/users/lookup", new StringContent(JsonSerializer.Serialize(new { ids }), Encoding.UTF8, "application/json"));

    private static async Task<TcpClient> RequestWithoutReadingAsync(Service service, string request)
    {
        var client = new TcpClient { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(IPAddress.Loopback, service.Address.Port, Cancel.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel.Token);
        return client;
    }
}
