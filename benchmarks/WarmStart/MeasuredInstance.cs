using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;
using Lookup.Functions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Lookup.Benchmarks.WarmStart;

/// <summary>A complete service in this process, and the sources of its results.</summary>
internal sealed class MeasuredInstance : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly UserCache _cache;
    private readonly FreshnessTracker _freshness;
    private readonly FeedSnapshots? _snapshots;
    private long _lookups;
    private long _readLookups;

    private MeasuredInstance(WebApplication app)
    {
        _app = app;
        _cache = app.Services.GetRequiredService<UserCache>();
        _freshness = app.Services.GetRequiredService<FreshnessTracker>();
        _snapshots = app.Services.GetService<FeedSnapshots>();
    }

    public bool IsArmed => _freshness.IsArmed;

    /// <summary>Gets the number of snapshots that this instance has written.</summary>
    public long SnapshotsWritten => _snapshots?.Written ?? 0;

    /// <param name="settings">The settings.</param>
    /// <param name="loadsSnapshots">A value that indicates whether the instance continues from the snapshot in the tier.</param>
    /// <param name="cancellationToken">The token.</param>
    public static async Task<MeasuredInstance> StartAsync(
        IReadOnlyDictionary<string, string?> settings, bool loadsSnapshots, CancellationToken cancellationToken)
    {
        var app = LookupHost.Create([], settings, services =>
        {
            if (!loadsSnapshots)
                services.RemoveAll<IFeedSnapshots>();
        });
        await app.StartAsync(cancellationToken);
        return new MeasuredInstance(app);
    }

    public async Task LookUpAsync(string id, CancellationToken cancellationToken)
    {
        var result = await _cache.GetAsync(UserKey.Create(id), default, cancellationToken);
        Interlocked.Increment(ref _lookups);
        if (result.Source != LookupSource.Hit && !result.IsFromSharedTier)
            Interlocked.Increment(ref _readLookups);
    }

    public Sample SampleAt(TimeSpan time)
    {
        var statistics = _cache.GetStatistics();
        var tier = statistics.SharedTier;
        return new Sample(
            time,
            Volatile.Read(ref _lookups),
            Volatile.Read(ref _readLookups),
            statistics.StoreReads,
            tier?.Accepted ?? 0,
            tier?.Missing ?? 0,
            tier?.Refused ?? 0,
            tier?.Failures ?? 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
