using System.Text;
using Lookup.Functions.SharedTier;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>Tests of complete instances that share a real Redis or memcached.</summary>
public sealed class SharedTierServiceTests : IAsyncLifetime
{
    private TierInstances _instances = null!;

    public static TheoryData<string> Servers => ["redis", "memcached"];

    public async ValueTask InitializeAsync() => _instances = await TierInstances.CreateAsync();

    public ValueTask DisposeAsync() => _instances.DisposeAsync();

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task User_that_one_instance_has_read_is_not_read_by_another(string kind)
    {
        using var server = await TierInstances.StartServerAsync(kind);
        await using var first = await _instances.StartAsync(kind, server);
        await using var second = await _instances.StartAsync(kind, server);

        var (id, response) = await _instances.HitTheTierAsync(first, second);

        Assert.Matches("^lookup-tier; hit, lookup; fwd=miss; fwd-status=200; stored; ttl=[0-9]+$", response["Cache-Status"]);
        Assert.Equal($$"""{"id":"{{id}}","email":"{{id}}@example.com","version":1}""", response.Text);
        Assert.StartsWith("lookup; hit", (await second.GetAsync($"/api/users/{id}"))["Cache-Status"], StringComparison.Ordinal);

        await _instances.Store.PutUserAsync(id, version: 2);
        await Eventually.IsTrueAsync(
            async () => (await second.GetAsync($"/api/users/{id}")).Json.GetProperty("version").GetInt32() == 2, "the change is visible");
    }

    [Fact]
    public async Task Batch_is_answered_from_the_tier()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var first = await _instances.StartAsync("redis", server);
        await using var second = await _instances.StartAsync("redis", server);

        var (_, response) = await _instances.HitTheTierAsync(first, second, BatchAsync);

        Assert.StartsWith("lookup-tier; hit, lookup; fwd=miss", response["Cache-Status"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_of_which_one_user_is_read_from_the_store_names_no_hit_of_the_tier()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var first = await _instances.StartAsync("redis", server);
        await using var second = await _instances.StartAsync("redis", server);

        var (_, response) = await _instances.HitTheTierAsync(first, second, (service, id) => BatchAsync(service, id, $"{id}-unread"), reads: 1);

        Assert.StartsWith("lookup; fwd=miss", response["Cache-Status"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frozen_tier_leaves_every_miss_to_the_store()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var service = await _instances.StartAsync("redis", server, ("Lookup__SharedTierTimeout", "00:00:00.010"));
        await server.FreezeAsync();

        for (var i = 0; i < 20; i++)
        {
            var id = await _instances.PutUserAsync();
            var response = await service.GetAsync($"/api/users/{id}");
            Assert.Equal(200, (int)response.Status);
            Assert.StartsWith("lookup; fwd=miss", response["Cache-Status"], StringComparison.Ordinal);
        }

        Assert.False(service.Services.GetRequiredService<ServiceTier>().ServesReads);
        Assert.Equal(200, (int)(await service.GetAsync("/api/health/ready")).Status);
        await Eventually.EndsAsync(service.DisposeAsync().AsTask(), "the service stops");
    }

    [Fact]
    public async Task Tier_that_cannot_be_reached_is_a_warning_and_its_secrets_are_not_logged()
    {
        var logs = new LogCapture();
        await using var service = await _instances.StartAsync(
            $"127.0.0.1:{FreePort.Next()},password=s3cret", logs, [("Lookup__SharedTierKey__0", Tiers.Key1)]);
        var id = await _instances.PutUserAsync();

        var response = await service.GetAsync($"/api/users/{id}");

        Assert.StartsWith("lookup; fwd=miss", response["Cache-Status"], StringComparison.Ordinal);
        Assert.Equal(200, (int)(await service.GetAsync("/api/health/ready")).Status);
        var warning = Assert.Single(logs.Lines, line => line.Id.Id == 1904);
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("Redis at 127.0.0.1:", warning.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(logs.Lines, line => line.Text.Contains("s3cret", StringComparison.Ordinal) || line.Text.Contains(Tiers.Key1, StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Id.Id == 1902);
    }

    [Fact]
    public async Task Tier_that_stops_and_responds_again_is_logged_once_each()
    {
        var logs = new LogCapture();
        using var server = await TierInstances.StartServerAsync("redis");
        await using var service = await _instances.StartAsync(TierInstances.AddressOf("redis", server), logs, [("Lookup__SharedTierTimeout", "00:00:00.010")]);
        var tier = service.Services.GetRequiredService<ServiceTier>();
        await server.FreezeAsync();
        await Eventually.IsTrueAsync(async () => await MissAsync() && IsLogged(1905) && !tier.ServesReads, "the outage is logged");
        await server.ThawAsync();
        await Eventually.IsTrueAsync(async () => await MissAsync() && IsLogged(1906) && tier.ServesReads, "the recovery is logged");

        var changes = logs.Lines.Select(line => line.Id.Id).Where(id => id is 1905 or 1906).ToList();
        Assert.Equal(changes.Select((_, i) => i % 2 == 0 ? 1905 : 1906), changes);

        bool IsLogged(int id) => logs.Lines.Any(line => line.Id.Id == id);

        async Task<bool> MissAsync() => (int)(await service.GetAsync($"/api/users/{await _instances.PutUserAsync()}")).Status == 200;
    }

    [Fact]
    public async Task Entries_without_a_key_show_users_which_is_logged_once()
    {
        var logs = new LogCapture();
        using var server = await TierInstances.StartServerAsync("redis");
        await using var service = await _instances.StartAsync(TierInstances.AddressOf("redis", server), logs);

        var id = await _instances.WriteAsync(service);

        Assert.Contains(await ValuesAsync(server), value => value.Contains($"{id}@example.com", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, Assert.Single(logs.Lines, line => line.Id.Id == 1902).Level);
    }

    [Fact]
    public async Task Entries_with_a_key_show_nothing()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var service = await _instances.StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key1));

        await _instances.WriteAsync(service);

        Assert.DoesNotContain("example", Assert.Single(await ValuesAsync(server)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_that_no_key_opens_is_a_miss()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var first = await _instances.StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key1));
        await using var second = await _instances.StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key2));
        await using var rotating = await _instances.StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key2), ("Lookup__SharedTierKey__1", Tiers.Key1));

        await Eventually.IsTrueAsync(
            async () =>
            {
                var id = await _instances.WriteAsync(first);
                Assert.StartsWith("lookup; fwd=miss", (await second.GetAsync($"/api/users/{id}"))["Cache-Status"], StringComparison.Ordinal);
                return second.Services.GetRequiredService<ServiceTier>().Unopened > 0;
            },
            "the second instance has read an entry");
        await _instances.HitTheTierAsync(first, rotating);
    }

    [Fact]
    public async Task Administrator_deletes_the_entry()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var service = await _instances.StartAsync("redis", server);
        var id = await _instances.WriteAsync(service);
        Assert.True(await HasEntryAsync());

        await service.SendAsync(HttpMethod.Delete, $"/api/cache/users/{id}", null);

        await Eventually.IsTrueAsync(async () => !await HasEntryAsync(), "the entry is deleted");

        async Task<bool> HasEntryAsync() => (await ValuesAsync(server)).Any(value => value.Contains($"{id}@example.com", StringComparison.Ordinal));
    }

    /// <summary>Returns all values in a Redis server, one character for each byte.</summary>
    private static async Task<IReadOnlyList<string>> ValuesAsync(CacheServer server)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port}");
        var values = new List<string>();
        await foreach (var key in redis.GetServers().Single().KeysAsync().WithCancellation(Cancel.Token))
        {
            if ((byte[]?)await redis.GetDatabase().StringGetAsync(key) is { } value)
                values.Add(Encoding.Latin1.GetString(value));
        }

        return values;
    }

    private static Task<TestResponse> BatchAsync(Service service, string id) => BatchAsync(service, [id]);

    private static async Task<TestResponse> BatchAsync(Service service, params string[] ids)
    {
        using var body = new StringContent($$"""{"ids":[{{string.Join(',', ids.Select(id => $"\"{id}\""))}}]}""", Encoding.UTF8, "application/json");
        return await service.SendAsync(HttpMethod.Post, "/api/users/lookup", body);
    }
}
