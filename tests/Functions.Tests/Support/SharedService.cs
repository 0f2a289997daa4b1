using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedService))]

// Most tests wait for sockets or timeouts, so more of them run concurrently than there are cores.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace Lookup.Functions.Tests.Support;

/// <summary>One store and one armed instance for all tests without special requirements. Each test uses its own ids.</summary>
public sealed class SharedService : IAsyncLifetime
{
    internal Store Store { get; private set; } = null!;

    internal Service Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = await Store.StartAsync();
        Service = await Service.StartAsync(
            Store,
            null,
            ("Lookup__AlternateKeys__0", "/email"),
            ("Lookup__AlternateKeys__1", "/contact/phone"),
            ("Lookup__HiddenFields__0", "/secret"),
            ("Lookup__HiddenFields__1", "/contact/private"));
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Writes a new user, and waits until the instance has observed the change, so that it does not evict the user later.</summary>
    internal async Task<string> PutNewUserAsync(int version = 1)
    {
        var id = NewId();
        await Store.PutUserAsync(id, version);
        await Service.CatchUpAsync();
        return id;
    }

    internal static string NewId() => "u" + Guid.NewGuid().ToString("N")[..12];
}
