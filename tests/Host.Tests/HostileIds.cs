using Lookup.Host.Tests.Driver;

namespace Lookup.Host.Tests;

/// <summary>The app on a host, a user <c>u1</c>, and users with ids that could be confused with one another.</summary>
public sealed class HostileIds(PublishedApp app) : IAsyncLifetime
{
    private static readonly string[] Ids = ["u1", "u42", "u42 ", "u4%32", "u42%25", "u42%2F", "u42\u00e9"];

    private Store? _store;
    private HostDriver? _driver;
    private HostFront? _keyedFront;

    internal HostDriver Driver => _driver!;

    /// <summary>Gets another front of the host, which requires keys.</summary>
    internal HostFront KeyedFront => _keyedFront!;

    public async ValueTask InitializeAsync()
    {
        _store = await Store.StartAsync();
        foreach (var id in Ids)
            await _store.PutUserAsync(id);
        _driver = await HostDriver.StartAsync(app, _store.ConnectionString);
        _keyedFront = await HandlerCalls.StartFrontAsync(app, _driver.Port, asksForKeys: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_keyedFront is not null)
            await _keyedFront.DisposeAsync();
        if (_driver is not null)
            await _driver.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
    }
}
