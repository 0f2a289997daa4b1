using System.Diagnostics.Metrics;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The observable instruments. They read the same counters as the statistics, so the two always agree, and have no cost between
/// collections. docs/operations.md lists them.
/// </summary>
internal sealed class LookupInstruments(
    LookupMeter meter,
    UserCache cache,
    ChangeFeedFollower follower,
    FeedCounters feed,
    RequestCounters requests,
    ProbeCounters probe) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Create(meter.Meter);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Create(Meter meter)
    {
        meter.CreateObservableCounter(
            "lookup.requests", Requests, "{request}", "Requests for users, by outcome.");
        meter.CreateObservableCounter(
            "lookup.flights.collapsed", () => cache.GetStatistics().Collapsed, "{lookup}", "Lookups that joined the read of another request.");
        meter.CreateObservableUpDownCounter(
            "lookup.cache.entries", Entries, "{entry}", "Cached users and cached unknown ids.");
        meter.CreateObservableUpDownCounter(
            "lookup.cache.bytes", () => cache.GetStatistics().Bytes, "By", "Size of the cached entries, as estimated by the cache.");
        meter.CreateObservableCounter(
            "lookup.cache.evictions", Evictions, "{entry}", "Entries evicted from the cache.");
        meter.CreateObservableCounter(
            "lookup.cache.reads_saved",
            ReadsSaved,
            "{change}",
            "Changes that required no read, because the cached user was updated with the document of the change, or already reflected it.");
        meter.CreateObservableCounter(
            "lookup.cache.too_large",
            () => cache.GetStatistics().TooLarge,
            "{result}",
            "Results that were not stored because one of them is larger than the cache can hold.");
        meter.CreateObservableGauge(
            "lookup.feed.lag", Lags, "s", "Time since a feed range was last read to its end. Not reported while it is not polled on purpose.");
        meter.CreateObservableGauge(
            "lookup.feed.confirmed_age", () => Ages(_ => true), "s", "Time since a feed range last confirmed its cached users. Reported only while the range is armed.");
        meter.CreateObservableGauge(
            "lookup.feed.interval", Intervals, "s", "Time between polls of a feed range that no request waits for. Not reported while there are none.");
        meter.CreateObservableCounter(
            "lookup.feed.request_charge_saved", Saved, "{request_unit}", "Request units of the reads that following a feed range has saved.");
        meter.CreateObservableCounter(
            "lookup.store.request_charge", Charges, "{request_unit}", "Request units spent.");
        meter.CreateObservableCounter(
            "lookup.store.request_charge_saved",
            () => cache.GetStatistics().RequestChargeSaved,
            "{request_unit}",
            "Estimated request units of the hits if they had been point reads, at the average charge so far.");
        meter.CreateObservableCounter(
            "lookup.consistency.violations",
            () => probe.Violations,
            "{user}",
            "Users that the probe found cached as fresh although a change older than the staleness bound was missing. Must stay 0.");
    }

    private IEnumerable<Measurement<long>> Requests() =>
        from function in Enum.GetValues<LookupFunction>()
        from outcome in RequestOutcomes.Possible(cache.GetStatistics().SharedTier is not null)
        select new Measurement<long>(
            requests.Requests(function, outcome),
            Attribute("function", function.ToString()),
            Attribute("outcome", RequestOutcomes.Names[(int)outcome]));

    private IEnumerable<Measurement<long>> Entries()
    {
        var statistics = cache.GetStatistics();
        yield return new Measurement<long>(statistics.Entries, Attribute("kind", "user"));
        yield return new Measurement<long>(statistics.NegativeEntries, Attribute("kind", "unknown"));
    }

    private IEnumerable<Measurement<long>> Evictions()
    {
        var statistics = cache.GetStatistics();
        foreach (var (source, count) in statistics.Evictions)
            yield return new Measurement<long>(count, Attribute("reason", source.ToString().ToLowerInvariant()));
        yield return new Measurement<long>(statistics.CapacityEvictions, Attribute("reason", "capacity"));
    }

    private IEnumerable<Measurement<long>> ReadsSaved()
    {
        var statistics = cache.GetStatistics();
        yield return new Measurement<long>(statistics.Updated, Attribute("reason", "updated"));
        yield return new Measurement<long>(statistics.Kept, Attribute("reason", "reflected"));
    }

    private IEnumerable<Measurement<double>> Lags() => follower.IsPaused ? [] : Ages(range => !range.IsNotFollowed);

    private IEnumerable<Measurement<double>> Ages(Func<FeedRangeState, bool> isReported) =>
        from range in follower.Ranges
        where range.Lag is not null && isReported(range)
        select new Measurement<double>(range.Lag!.Value.TotalSeconds, Attribute("range", range.Range));

    private IEnumerable<Measurement<double>> Intervals() =>
        from range in follower.IsPaused ? [] : follower.Ranges
        where range.Interval is not null
        select new Measurement<double>(range.Interval!.Value.TotalSeconds, Attribute("range", range.Range));

    private IEnumerable<Measurement<double>> Saved() =>
        from range in follower.Ranges
        select new Measurement<double>(range.SavedCharge, Attribute("range", range.Range));

    private IEnumerable<Measurement<double>> Charges()
    {
        yield return new Measurement<double>(cache.GetStatistics().RequestCharge, Attribute("source", "lookups"));
        yield return new Measurement<double>(feed.RequestCharge, Attribute("source", "feed"));
        yield return new Measurement<double>(probe.RequestCharge, Attribute("source", "probe"));
    }

    private static KeyValuePair<string, object?> Attribute(string name, string value) => new(name, value);
}
