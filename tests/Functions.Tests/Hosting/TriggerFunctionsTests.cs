using Lookup.Functions.Eviction;
using Lookup.Functions.Hosting.IsolatedWorker;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>
/// Tests of the trigger's function in the isolated worker. The package that connects it with the Cosmos DB trigger is not on every feed, so
/// the function is called directly, as the worker would.
/// </summary>
public sealed class TriggerFunctionsTests
{
    [Fact]
    public async Task Batch_evicts_its_users_and_the_log_contains_their_number()
    {
        await using var store = await StartStoreAsync();
        var logs = new LogCapture();
        await using var service = await StartAsync(store, logs);
        await service.GetAsync("/api/users/u1");
        Assert.Contains("; hit", (await service.GetAsync("/api/users/u1")).CacheStatus, StringComparison.Ordinal);

        TriggerFunctions.Evict("""[{"id":"u1"}]""", new TestInvocation(service.Services));

        Assert.Contains("fwd=miss", (await service.GetAsync("/api/users/u1")).CacheStatus, StringComparison.Ordinal);
        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1304);
        Assert.Equal((LogLevel.Information, "1 changes applied."), (line.Level, line.Text.Trim()));
    }

    [Fact]
    public async Task Batch_that_is_interrupted_by_shutdown_fails_so_that_the_host_delivers_it_again()
    {
        await using var store = await StartStoreAsync();
        await using var service = await StartAsync(store, new LogCapture());
        service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Throws<InvalidOperationException>(() => TriggerFunctions.Evict("""[{"id":"u1"}]""", new TestInvocation(service.Services)));
    }

    /// <summary>Starts a store that denies access to its feed, so that only the trigger evicts.</summary>
    private static async Task<Store> StartStoreAsync()
    {
        var store = await Store.StartAsync();
        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        await store.PutUserAsync("u1");
        return store;
    }

    private static Task<Service> StartAsync(Store store, LogCapture logs) => Service.StartUnarmedAsync(
        store.ConnectionString,
        services =>
        {
            logs.AddTo(services);
            services.AddSingleton<EvictStaleUsers>();
        },
        ("Lookup__MaxStaleness", "1.00:00:00"),
        ("Lookup__MaxUnseenDelete", "1.00:00:00"),
        ("Logging__LogLevel__Default", "Information"));
}
