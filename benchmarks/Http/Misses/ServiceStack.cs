using Lookup.Domain.Caching;
using Lookup.Domain.Freshness;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Hosting;
using Lookup.Functions.Resilience;
using Lookup.Functions.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>The store as in the service: the adapter, counters and guard around it, and a cache in front of each.</summary>
internal sealed class ServiceStack : IDisposable
{
    /// <summary>Options with a deadline so long that no read of a benchmark fails on a busy machine.</summary>
    private static readonly UserCacheOptions Bounds = new() { ReadDeadline = TimeSpan.FromSeconds(30) };

    private readonly ServiceProvider _services;
    private readonly CosmosConnection _connection;
    private readonly StoreGuard _guard;

    public ServiceStack(string connectionString)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("CosmosConnection", (string?)connectionString)])
            .Build();
        var settings = SettingsReader.Read(configuration);
        var time = TimeProvider.System;
        _services = new ServiceCollection().AddMetrics().AddSingleton<LookupMeter>().BuildServiceProvider();
        _connection = new CosmosConnection(settings.Cosmos);
        _guard = new StoreGuard(settings.Guard, time, NullLogger<StoreGuard>.Instance);
        var counters = new StoreCounters(_services.GetRequiredService<LookupMeter>(), settings.Guard, time);

        Adapter = new CosmosUserStore(_connection, settings.Shape);
        Sent = new TimedUserStore(Adapter);
        Asked = new TimedUserStore(new GuardedUserStore(new MeasuredUserStore(Sent, counters, time), _guard));
        Bare = new UserCache(Adapter, new FreshnessTracker(time), Bounds, time);
        Whole = new UserCache(Asked, new FreshnessTracker(time), Bounds, time);
    }

    /// <summary>Gets the adapter alone.</summary>
    public CosmosUserStore Adapter { get; }

    /// <summary>Gets the cache in front of the adapter.</summary>
    public UserCache Bare { get; }

    /// <summary>Gets the cache as in the service, in front of guard, counters and adapter.</summary>
    public UserCache Whole { get; }

    /// <summary>Gets the times of the last call of the guard by <see cref="Whole"/>: start and completion.</summary>
    public TimedUserStore Asked { get; }

    /// <summary>Gets the times of the last call of the adapter by <see cref="Whole"/>: start and completion.</summary>
    public TimedUserStore Sent { get; }

    public void Dispose()
    {
        Whole.Dispose();
        Bare.Dispose();
        _guard.Dispose();
        _connection.Dispose();
        _services.Dispose();
    }
}
