using System.Diagnostics.Metrics;
using System.Text.Json;
using Lookup.Functions.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>The shared tier in the statistics and the metrics.</summary>
public sealed class SharedTierStatisticsTests : IAsyncLifetime
{
    private TierInstances _instances = null!;

    public async ValueTask InitializeAsync() => _instances = await TierInstances.CreateAsync();

    public ValueTask DisposeAsync() => _instances.DisposeAsync();

    [Fact]
    public async Task Statistics_and_metrics_count_the_users_and_the_calls_of_the_tier()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var first = await _instances.StartAsync("redis", server);
        await using var second = await _instances.StartAsync("redis", server, ("Lookup__SharedTierKey__0", Tiers.Key1));
        await using var third = await _instances.StartAsync("redis", server);
        await _instances.HitTheTierAsync(first, third);

        var stats = await StatisticsOf(third);
        var tier = stats.GetProperty("sharedTier");
        Assert.Equal($"Redis at 127.0.0.1:{server.Port}", tier.GetProperty("server").GetString());
        Assert.False(tier.GetProperty("sealed").GetBoolean());
        Assert.True((await StatisticsOf(second)).GetProperty("sharedTier").GetProperty("sealed").GetBoolean());
        Assert.True(tier.GetProperty("used").GetBoolean());
        Assert.True(tier.GetProperty("responding").GetBoolean());
        var users = stats.GetProperty("cache").GetProperty("sharedTier");
        Assert.Equal(1, users.GetProperty("accepted").GetInt64());
        Assert.Equal(1, stats.GetProperty("requests").EnumerateArray().Single(row => IsSharedTier(row, "GetUser")).GetProperty("count").GetInt64());
        Assert.True((await StatisticsOf(first)).GetProperty("sharedTier").GetProperty("writes").GetInt64() > 0);

        var measured = Measure(third);
        Assert.Equal(1, measured["lookup.requests function=GetUser outcome=sharedTier"]);
        foreach (var result in new[] { "accepted", "missing", "refused", "unusable" })
            Assert.Equal(users.GetProperty(result).GetInt64(), measured[$"lookup.shared_tier.users result={result}"]);
        Assert.Equal(tier.GetProperty("writes").GetInt64(), measured["lookup.shared_tier.writes result=written"]);
        Assert.Equal(tier.GetProperty("droppedWrites").GetInt64(), measured["lookup.shared_tier.writes result=dropped"]);
        Assert.Equal(tier.GetProperty("tooLarge").GetInt64(), measured["lookup.shared_tier.writes result=tooLarge"]);
        Assert.Equal(tier.GetProperty("failures").GetInt64(), measured["lookup.shared_tier.failures error.type=failed"]);
        Assert.Equal(tier.GetProperty("timeouts").GetInt64(), measured["lookup.shared_tier.failures error.type=timedOut"]);
        Assert.Equal(tier.GetProperty("notSent").GetInt64(), measured["lookup.shared_tier.failures error.type=notSent"]);
        Assert.Equal(tier.GetProperty("snapshotFailures").GetInt64(), measured["lookup.shared_tier.snapshots result=failed"]);
        Assert.True(measured["lookup.shared_tier.snapshots result=written"] >= tier.GetProperty("snapshotsWritten").GetInt64());
    }

    [Fact]
    public async Task Tier_that_stops_is_counted_and_is_not_responding()
    {
        using var server = await TierInstances.StartServerAsync("redis");
        await using var service = await _instances.StartAsync("redis", server, ("Lookup__SharedTierTimeout", "00:00:00.010"));
        await server.FreezeAsync();
        for (var i = 0; i < 20; i++)
            await service.GetAsync($"/api/users/{await _instances.PutUserAsync()}");

        var tier = (await StatisticsOf(service)).GetProperty("sharedTier");

        Assert.True(tier.GetProperty("used").GetBoolean());
        Assert.False(tier.GetProperty("responding").GetBoolean());
        Assert.True(tier.GetProperty("timeouts").GetInt64() + tier.GetProperty("failures").GetInt64() >= 5);
        Assert.True(tier.GetProperty("notSent").GetInt64() > 0);
    }

    [Fact]
    public async Task Nothing_names_the_tier_if_there_is_none()
    {
        await using var service = await Service.StartAsync(_instances.Store);

        var stats = await service.GetAsync("/api/stats");

        Assert.DoesNotContain("tier", stats.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Measure(service).Keys, name => name.Contains("tier", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<JsonElement> StatisticsOf(Service service) => (await service.GetAsync("/api/stats")).Json;

    private static bool IsSharedTier(JsonElement row, string function) =>
        row.GetProperty("function").GetString() == function && row.GetProperty("outcome").GetString() == "sharedTier";

    /// <summary>Collects the observable counters of an instance once, by name and attributes.</summary>
    private static Dictionary<string, long> Measure(Service service)
    {
        var measured = new Dictionary<string, long>();
        var own = service.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, own))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            measured[string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")])] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
