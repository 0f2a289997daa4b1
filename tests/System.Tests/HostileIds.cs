using Lookup.System.Tests.Driver;

namespace Lookup.System.Tests;

/// <summary>The app on a host, and users whose ids could be taken for one another.</summary>
public sealed class HostileIds(PublishedApp app) : IAsyncLifetime
{
    private static readonly string[] Ids = ["u42", "u42 ", "u4%32", "u42%25", "u42%2F", "u42\u00e9"];

    private Store? _store;
    private HostDriver? _driver;

    internal HostDriver Driver => _driver!;

    public async ValueTask InitializeAsync()
    {
        _store = await Store.StartAsync();
        foreach (var id in Ids)
            await _store.PutUserAsync(id);
        _driver = await HostDriver.StartAsync(app, _store.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_driver is not null)
            await _driver.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
    }
}
