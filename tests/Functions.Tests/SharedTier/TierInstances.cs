using Lookup.Domain.Caching;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Cosmos;
using Lookup.Functions.SharedTier;
using Lookup.Functions.SharedTier.Guarding;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>Complete instances with a common store and a real Redis or memcached.</summary>
internal sealed class TierInstances : IAsyncDisposable
{
    private int _users;

    private TierInstances(Store store) => Store = store;

    public Store Store { get; }

    public static async Task<TierInstances> CreateAsync() => new(await Store.StartAsync());

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    public static async Task<CacheServer> StartServerAsync(string kind)
    {
        var server = kind == "redis" ? CacheServer.Redis() : CacheServer.Memcached();
        await server.StartAsync();
        return server;
    }

    public static string AddressOf(string kind, CacheServer server) => kind == "redis" ? $"127.0.0.1:{server.Port}" : $"memcached://127.0.0.1:{server.Port}";

    public Task<Service> StartAsync(string kind, CacheServer server, params (string, string)[] settings) =>
        StartAsync(AddressOf(kind, server), new LogCapture(), settings);

    /// <summary>Starts an instance, and waits until it uses the tier.</summary>
    public Task<Service> StartAsync(string address, LogCapture logs, params (string, string)[] settings) => StartAsync(address, logs, _ => { }, settings);

    /// <summary>Starts an instance with changed services, and waits until it uses the tier.</summary>
    public async Task<Service> StartAsync(string address, LogCapture logs, Action<IServiceCollection> configure, params (string, string)[] settings)
    {
        var service = await Service.StartAsync(
            Store,
            logs.AddTo + configure,
            [
                ("Lookup__SharedTier", address),
                ("Lookup__SharedTierTimeout", "00:00:01"),
                ("Logging__LogLevel__Default", "Information"),
                ("Logging__Console__LogLevel__Default", "Error"),
                .. settings,
            ]);
        var options = service.Services.GetRequiredService<SharedTierOptions>();
        var connection = service.Services.GetRequiredService<CosmosConnection>();
        await Eventually.IsTrueAsync(() => options.LogIdentity(connection.Generation) is not null, "the tier is used");
        return service;
    }

    public async Task<string> PutUserAsync()
    {
        var id = $"u{++_users}";
        await Store.PutUserAsync(id);
        return id;
    }

    /// <summary>
    /// Creates a user, and lets an instance read it and write it to the tier. If the feed shows the creation while the user is read, the result is not
    /// stored and therefore not written, so this is repeated with other users.
    /// </summary>
    public async Task<string> WriteAsync(Service service)
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

    public Task<(string Id, TestResponse Response)> HitTheTierAsync(Service writer, Service reader) => 
        HitTheTierAsync(writer, reader, static (service, id) => service.GetAsync($"/api/users/{id}"));

    /// <summary>
    /// Lets one instance read a user, and then another one, which gets it from the tier. On a busy machine, a call of the tier can exceed its limit, which
    /// is a miss, so this is repeated with other users.
    /// </summary>
    public async Task<(string Id, TestResponse Response)> HitTheTierAsync(
        Service writer, Service reader, Func<Service, string, Task<TestResponse>> readAsync, int reads = 0)
    {
        (string, TestResponse)? found = null;
        await Eventually.IsTrueAsync(
            async () =>
            {
                var id = await WriteAsync(writer);
                var (before, accepted) = (await Store.CountAsync("pointReads"), Accepted(reader));
                var response = await readAsync(reader, id);
                if (Accepted(reader) == accepted)
                    return false;

                Assert.Equal(before + reads, await Store.CountAsync("pointReads"));
                found = (id, response);
                return true;
            },
            "a user is returned from the tier");
        return found!.Value;

        static long Accepted(Service service) => service.Services.GetRequiredService<UserCache>().GetStatistics().SharedTier!.Accepted;
    }
}
