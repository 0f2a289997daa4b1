using Lookup.Host.Tests.Driver;

namespace Lookup.Host.Tests;

/// <summary>The app on a host, whose epochs only the trigger ends.</summary>
public sealed class TriggeredApp(PublishedApp app) : IAsyncLifetime
{
    private Store? _store;
    private HostDriver? _driver;

    internal HostDriver Driver => _driver!;

    public async ValueTask InitializeAsync()
    {
        _store = await TriggerContractTests.StartStoreAsync("u1");
        _driver = await HostDriver.StartAsync(app, _store.ConnectionString, TriggerContractTests.TriggerOnly);
    }

    public async ValueTask DisposeAsync()
    {
        if (_driver is not null)
            await _driver.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
    }
}
