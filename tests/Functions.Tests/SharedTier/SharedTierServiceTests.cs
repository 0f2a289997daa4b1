using System.Text;
using Lookup.Domain.Caching;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Cosmos;
using Lookup.Functions.SharedTier;
using Lookup.Functions.SharedTier.Guarding;
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
    private Store _store = null!;
    private int _users;

    public static TheoryData<string> Servers => ["redis", "memcached"];

    public async ValueTask InitializeAsync() => _store = await Store.StartAsync();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task User_that_one_instance_has_read_is_not_read_by_another(string kind)
    {
        using var server = await StartServerAsync(kind);
        await using var first = await StartAsync(kind, server);
        await using var second = await StartAsync(kind, server);

        var (id, response) = await HitTheTierAsync(first, second);

        Assert.Matches("^lookup-tier; hit, lookup; fwd=miss; fwd-status=200; stored; ttl=[0-9]+$", response["Cache-Status"]);
        Assert.Equal($$"""{"id":"{{id}}","email":"{{id}}@example.com","version":1}""", response.Text);
        Assert.StartsWith("lookup; hit", (await second.GetAsync($"/api/users/{id}"))["Cache-Status"], StringComparison.Ordinal);

        await _store.PutUserAsync(id, version: 2);
        await Eventually.IsTrueAsync(
            async () => (await second.GetAsync($"/api/users/{id}")).Json.GetProperty("version").GetInt32() == 2, "the change is visible");
    }

    [Fact]
    public async Task Batch_is_answered_from_the_tier()
    {
        using var server = await StartServerAsync("redis");
        await using var first = await StartAsync("redis", server);
        await using var second = await StartAsync("redis", server);

        var (_, response) = await HitTheTierAsync(first, second, BatchAsync);

        Assert.StartsWith("lookup-tier; hit, lookup; fwd=miss", response["Cache-Status"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_of_which_one_user_is_read_from_the_store_names_no_hit_of_the_tier()
    {
        using var server = await StartServerAsync("redis");
        await using var first = await StartAsync("redis", server);
        await using var second = await StartAsync("redis", server);

        var (_, response) = await HitTheTierAsync(first, second, (service, id) => BatchAsync(service, id, $"{id}-unread"), reads: 1);

        Assert.StartsWith("lookup; fwd=miss", response["Cache-Status"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frozen_tier_leaves_every_miss_to_the_store()
    {
        using var server = await StartServerAsync("redis");
        await using var service = await StartAsync("redis", server, ("Lookup__SharedTierTimeout", "00:00:00.010"));
        await server.FreezeAsync();

        for (var i = 0; i < 20; i++)
        {
            var id = await PutUserAsync();
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
        await using var service = await StartAsync(
            $"127.0.0.1:{FreePort.Next()},password=s3cret", logs, [("Lookup__SharedTierKey__0", Tiers.Key1)]);
        var id = await PutUserAsync();

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
        using var server = await StartServerAsync("redis");
        await using var service = await StartAsync(AddressOf("redis", server), logs, [("Lookup__SharedTierTimeout", "00:00:00.010")]);
        await server.FreezeAsync();
        await Eventually.IsTrueAsync(async () => await MissAsync() && logs.Lines.Any(line => line.Id.Id == 1905), "the outage is logged");
        await server.ThawAsync();
        await Eventually.IsTrueAsync(async () => await MissAsync() && logs.Lines.Any(line => line.Id.Id == 1906), "the recovery is logged");

        var changes = logs.Lines.Select(line => line.Id.Id).Where(id => id is 1905 or 1906).ToList();
        Assert.Equal(changes.Select((_, i) => i % 2 == 0 ? 1905 : 1906), changes);

        async Task<bool> MissAsync() => (int)(await service.GetAsync($"/api/users/{await PutUserAsync()}")).Status == 200;
    }

    [Fact]
    public async Task Entries_without_a_key_show_users_which_is_logged_once()
    {
        var logs = new LogCapture();
        using var server = await StartServerAsync("redis");
        await using var service = await StartAsync(AddressOf("redis", server), logs);

        var id = await WriteAsync(service);

        Assert.Contains(await ValuesAsync(server), value => value.Contains($"{id}@example.com", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, Assert.Single(logs.Lines, line => line.Id.Id == 1902).Level);
    }

    [Fact]
    public async Task Entries_with_a_key_show_nothing()
    {
        using var server = await StartServerAsync("redis");
        await using var service = await StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key1));

        await WriteAsync(service);

        Assert.DoesNotContain("example", Assert.Single(await ValuesAsync(server)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_that_no_key_opens_is_a_miss()
    {
        using var server = await StartServerAsync("redis");
        await using var first = await StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key1));
        await using var second = await StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key2));
        await using var rotating = await StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key2), ("Lookup__SharedTierKey__1", Tiers.Key1));

        await Eventually.IsTrueAsync(
            async () =>
            {
                var id = await WriteAsync(first);
                Assert.StartsWith("lookup; fwd=miss", (await second.GetAsync($"/api/users/{id}"))["Cache-Status"], StringComparison.Ordinal);
                return second.Services.GetRequiredService<ServiceTier>().Unopened > 0;
            },
            "the second instance has read an entry");
        await HitTheTierAsync(first, rotating);
    }

    [Fact]
    public async Task Administrator_deletes_the_entry()
    {
        using var server = await StartServerAsync("redis");
        await using var service = await StartAsync("redis", server);
        var id = await WriteAsync(service);
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

    private static async Task<CacheServer> StartServerAsync(string kind)
    {
        var server = kind == "redis" ? CacheServer.Redis() : CacheServer.Memcached();
        await server.StartAsync();
        return server;
    }

    private static string AddressOf(string kind, CacheServer server) => kind == "redis" ? $"127.0.0.1:{server.Port}" : $"memcached://127.0.0.1:{server.Port}";

    private Task<Service> StartAsync(string kind, CacheServer server, params (string, string)[] settings) =>
        StartAsync(AddressOf(kind, server), new LogCapture(), settings);

    /// <summary>Starts an instance, and waits until it uses the tier.</summary>
    private async Task<Service> StartAsync(string address, LogCapture logs, params (string, string)[] settings)
    {
        var service = await Service.StartAsync(
            _store,
            logs.AddTo,
            [("Lookup__SharedTier", address), ("Lookup__SharedTierTimeout", "00:00:01"), ("Logging__LogLevel__Default", "Information"), .. settings]);
        var options = service.Services.GetRequiredService<SharedTierOptions>();
        var connection = service.Services.GetRequiredService<CosmosConnection>();
        await Eventually.IsTrueAsync(() => options.LogIdentity(connection.Generation) is not null, "the tier is used");
        return service;
    }

    private async Task<string> PutUserAsync()
    {
        var id = $"u{++_users}";
        await _store.PutUserAsync(id);
        return id;
    }

    /// <summary>
    /// Creates a user, and lets an instance read it and write it to the tier. If the feed shows the creation while the user is read, the result is not
    /// stored and therefore not written, so this is repeated with other users.
    /// </summary>
    private async Task<string> WriteAsync(Service service)
    {
        var tier = service.Services.GetRequiredService<ServiceTier>();
        string? written = null;
        await Eventually.IsTrueAsync(
            async () =>
            {
                var before = tier.Statistics.Writes;
                var id = await PutUserAsync();
                await service.GetAsync($"/api/users/{id}");
                await Eventually.IsTrueAsync(() => ((GuardedTier)tier.Tier).IsIdle, "no write is in flight");
                written = tier.Statistics.Writes > before ? id : null;
                return written is not null;
            },
            "a user is written to the tier");
        return written!;
    }

    private static Task<TestResponse> GetAsync(Service service, string id) => service.GetAsync($"/api/users/{id}");

    private static Task<TestResponse> BatchAsync(Service service, string id) => BatchAsync(service, [id]);

    private static async Task<TestResponse> BatchAsync(Service service, params string[] ids)
    {
        using var body = new StringContent($$"""{"ids":[{{string.Join(',', ids.Select(id => $"\"{id}\""))}}]}""", Encoding.UTF8, "application/json");
        return await service.SendAsync(HttpMethod.Post, "/api/users/lookup", body);
    }

    private Task<(string Id, TestResponse Response)> HitTheTierAsync(Service writer, Service reader) => HitTheTierAsync(writer, reader, GetAsync);

    /// <summary>
    /// Lets one instance read a user, and then another one, which gets it from the tier. On a busy machine, a call of the tier can exceed its limit, which
    /// is a miss, so this is repeated with other users.
    /// </summary>
    private async Task<(string Id, TestResponse Response)> HitTheTierAsync(
        Service writer, Service reader, Func<Service, string, Task<TestResponse>> readAsync, int reads = 0)
    {
        (string, TestResponse)? found = null;
        await Eventually.IsTrueAsync(
            async () =>
            {
                var id = await WriteAsync(writer);
                var (before, accepted) = (await _store.CountAsync("pointReads"), Accepted(reader));
                var response = await readAsync(reader, id);
                if (Accepted(reader) == accepted)
                    return false;

                Assert.Equal(before + reads, await _store.CountAsync("pointReads"));
                found = (id, response);
                return true;
            },
            "a user is returned from the tier");
        return found!.Value;

        static long Accepted(Service service) => service.Services.GetRequiredService<UserCache>().GetStatistics().SharedTier!.Accepted;
    }
}
