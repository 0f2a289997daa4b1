using System.Diagnostics.Metrics;
using Lookup.Domain.Caching;
using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier;

namespace Lookup.Functions.Telemetry;

/// <summary>The observable instruments of the shared tier, which exist only if there is one. They read the same counters as the statistics.</summary>
internal sealed class SharedTierInstruments(LookupMeter meter, UserCache cache, ServiceTier tier, FeedSnapshots snapshots) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var own = meter.Meter;
        own.CreateObservableCounter(
            "lookup.shared_tier.users", Users, "{user}", "Users that were requested from the shared tier and for which it responded, by what it had.");
        own.CreateObservableCounter(
            "lookup.shared_tier.writes", Writes, "{entry}", "Entries for the shared tier, by what became of them.");
        own.CreateObservableCounter(
            "lookup.shared_tier.failures", Failures, "{call}", "Calls to the shared tier that failed or were not sent.");
        own.CreateObservableCounter(
            "lookup.shared_tier.snapshots", Snapshots, "{snapshot}", "Snapshots of the feed in the shared tier, for instances that start.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> Users()
    {
        if (cache.GetStatistics().SharedTier is not { } statistics)
            yield break;
        yield return Measure(statistics.Accepted, "result", "accepted");
        yield return Measure(statistics.Missing, "result", "missing");
        yield return Measure(statistics.Refused, "result", "refused");
        yield return Measure(statistics.Unusable, "result", "unusable");
    }

    private IEnumerable<Measurement<long>> Writes()
    {
        var statistics = tier.Statistics;
        yield return Measure(statistics.Writes, "result", "written");
        yield return Measure(statistics.DroppedWrites, "result", "dropped");
        yield return Measure(statistics.TooLarge, "result", "tooLarge");
    }

    private IEnumerable<Measurement<long>> Failures()
    {
        var statistics = tier.Statistics;
        yield return Measure(statistics.Failures, "error.type", "failed");
        yield return Measure(statistics.Timeouts, "error.type", "timedOut");
        yield return Measure(statistics.Refused, "error.type", "notSent");
    }

    private IEnumerable<Measurement<long>> Snapshots()
    {
        yield return Measure(snapshots.Written, "result", "written");
        yield return Measure(snapshots.Failures, "result", "failed");
    }

    private static Measurement<long> Measure(long value, string attribute, string name) => new(value, new KeyValuePair<string, object?>(attribute, name));
}
