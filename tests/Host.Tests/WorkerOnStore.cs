using Lookup.Host.Tests.Driver;
using Lookup.Host.Tests.Driver.Worker;

namespace Lookup.Host.Tests;

/// <summary>The app as an isolated worker, and a store with a gate.</summary>
public sealed class WorkerOnStore(PublishedApp app) : IAsyncLifetime
{
    private GatedStore? _gate;
    private WorkerDriver? _driver;

    internal GatedStore Gate => _gate!;

    internal Store Store => Gate.Store;

    internal WorkerDriver Driver => _driver!;

    public async ValueTask InitializeAsync()
    {
        _gate = await GatedStore.StartAsync();
        _driver = await WorkerDriver.StartAsync(app, Store.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_driver is not null)
            await _driver.DisposeAsync();
        if (_gate is not null)
            await _gate.DisposeAsync();
    }
}
