using Lookup.Domain.Feed;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Hosting;
using Lookup.Functions.SharedTier;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>Tests of a complete instance that starts beside another one, with a tier in this process.</summary>
public sealed class WarmStartServiceTests : IAsyncLifetime
{
    private readonly InProcessTier _tier = new(TimeProvider.System);
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly LogCapture _logs = new();
    private TierInstances _instances = null!;

    public async ValueTask InitializeAsync()
    {
        _instances = await TierInstances.CreateAsync();
        for (var i = 0; i < 32; i++)
            await _instances.PutUserAsync(); // a range without a user has no log that could be covered
    }

    public ValueTask DisposeAsync() => _instances.DisposeAsync();

    [Theory]
    [InlineData(true, "lookup-tier; hit")]
    [InlineData(false, "lookup; fwd=miss")]
    public async Task Entry_from_before_the_start_is_used_if_there_is_a_snapshot(bool hasSnapshot, string status)
    {
        await using var first = await StartAsync(new LogCapture());
        var id = await _instances.WriteAsync(first);
        if (hasSnapshot)
            await WriteSnapshotAsync(first);
        await ChangeOtherUserAsync(id);

        await using var second = await StartAsync(_logs);
        var response = await second.GetAsync($"/api/users/{id}");

        Assert.StartsWith(status, response["Cache-Status"], StringComparison.Ordinal);
        Assert.Equal(hasSnapshot ? [$"{Store.Ranges} feed ranges continue from the positions of another instance. "] : [], Resumed());
        var statistics = (await first.GetAsync("/api/stats")).Json.GetProperty("sharedTier");
        Assert.Equal(hasSnapshot ? 1 : 0, statistics.GetProperty("snapshotsWritten").GetInt64());
        Assert.Equal(0, statistics.GetProperty("snapshotFailures").GetInt64());
    }

    /// <summary>Starts an instance that writes no snapshots by itself, and whose attempt to load one has no time limit.</summary>
    private Task<Service> StartAsync(LogCapture logs) => _instances.StartAsync("127.0.0.1", logs, services =>
    {
        services.Replace(ServiceDescriptor.Singleton(provider => new ServiceTier(
            _tier, "a tier", provider.GetRequiredService<LookupSettings>().SharedTier, _ => { }, TimeProvider.System)));
        services.Replace(ServiceDescriptor.Singleton(provider => new FeedSnapshots(_tier, provider.GetRequiredService<ServiceTier>().WaitUntilOpenAsync, _time)));
        services.Remove(services.Single(service => service.ImplementationType == typeof(FeedSnapshotService)));
    });

    private async Task WriteSnapshotAsync(Service service)
    {
        var (snapshots, follower) = (service.Services.GetRequiredService<FeedSnapshots>(), service.Services.GetRequiredService<ChangeFeedFollower>());
        await Eventually.IsTrueAsync(() => follower.TakeSnapshot()?.Ranges.Count == Store.Ranges, "all ranges are covered");
        using var stop = new CancellationTokenSource();
        var running = snapshots.RunAsync(follower.TakeSnapshot, stop.Token);
        _time.Advance(FeedSnapshots.Interval);
        await Eventually.IsTrueAsync(() => snapshots.Written == 1, "the snapshot is written");
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>Changes another user in the same partition, so that its log continues beyond what the entry reflects.</summary>
    private async Task ChangeOtherUserAsync(string id)
    {
        var range = await _instances.Store.RangeOfAsync(id);
        string other;
        do
        {
            other = await _instances.PutUserAsync();
        }
        while (await _instances.Store.RangeOfAsync(other) != range);
    }

    private IEnumerable<string> Resumed() => _logs.Lines.Where(line => line.Id.Id == 1110).Select(line => line.Text);
}
