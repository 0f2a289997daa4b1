using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;
using Lookup.Functions.Settings;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Operations.Statistics;

/// <summary><c>GET /api/stats</c>: what this instance has done and holds, and how far it follows the feed.</summary>
/// <remarks>The metrics are read from the same counters: see <see cref="LookupInstruments"/>.</remarks>
internal sealed class GetStatistics(
    UserCache cache,
    FreshnessTracker freshness,
    ChangeFeedFollower follower,
    FeedCounters feed,
    RequestCounters requests,
    StoreCounters store,
    ProbeCounters probe,
    UserCacheOptions cacheOptions,
    FollowerOptions followerOptions,
    ProbeOptions probeOptions,
    InstanceIdentity instance)
{
    public Task RunAsync(HttpContext context) => JsonResponse.WriteAsync(context, Report(), OperationsJson.Default.StatisticsReport);

    private StatisticsReport Report()
    {
        var counted = cache.GetStatistics();
        return new StatisticsReport
        {
            Instance = instance.Id,
            UptimeSeconds = instance.Uptime.TotalSeconds,
            MaxStalenessSeconds = cacheOptions.MaxStaleness.TotalSeconds,
            PollIntervalSeconds = followerOptions.PollInterval.TotalSeconds,
            Requests = Requests(),
            Staleness = new StalenessReport
            {
                BoundariesSeconds = requests.BoundariesSeconds,
                Counts = requests.StalenessCounts(),
                SumSeconds = requests.SumOfStaleness.TotalSeconds,
                MaxSeconds = requests.MaxStaleness.TotalSeconds,
            },
            Cache = counted,
            Feed = Feed(),
            Store = new StoreReport
            {
                Reads = counted.StoreReads,
                Queries = counted.StoreQueries,
                DurationCount = store.Count,
                DurationSumSeconds = store.Duration.TotalSeconds,
                Failures = store.Failures,
                Throttled = store.Throttled,
            },
            Memory = new MemoryReport
            {
                CacheBytes = counted.Bytes,
                CacheLimitBytes = cacheOptions.SizeBytes,
                WorkingSetBytes = Environment.WorkingSet,
                HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
            },
            Probe = new ProbeReport
            {
                Enabled = probeOptions.IsEnabled,
                Sampled = probe.Sampled,
                Violations = probe.Violations,
                StalenessMaxSeconds = probe.MaxStaleness.TotalSeconds,
                RequestCharge = probe.RequestCharge,
            },
            RequestUnitsSpent = counted.RequestCharge + feed.RequestCharge + probe.RequestCharge,
            RequestUnitsSaved = counted.RequestChargeSaved,
        };
    }

    private FeedReport Feed()
    {
        var isArmed = freshness.IsArmed;
        return new FeedReport
        {
            Epoch = freshness.Epoch,
            Armed = isArmed,
            ConfirmedAgeSeconds = freshness.ConfirmedAge?.TotalSeconds,
            Paused = follower.IsPaused,
            Polls = feed.Polls,
            Changes = feed.Changes,
            RequestCharge = feed.RequestCharge,
            Ranges =
            [
                .. follower.Ranges.Select(range =>
                    new FeedRangeReport(range.Range, range.Lag?.TotalSeconds, isArmed ? range.Lag?.TotalSeconds : null)),
            ],
        };
    }

    private List<RequestReport> Requests()
    {
        var reports = new List<RequestReport>(RequestCounters.Functions * RequestCounters.Outcomes);
        foreach (var function in Enum.GetValues<LookupFunction>())
        {
            foreach (var outcome in Enum.GetValues<RequestOutcome>())
                reports.Add(new RequestReport(function.ToString(), RequestOutcomes.Names[(int)outcome], requests.Requests(function, outcome)));
        }

        return reports;
    }
}
