using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;
using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Operations.Statistics;

/// <summary><c>GET /api/stats</c>: the counters and the state of this instance.</summary>
/// <remarks>The metrics read the same counters: see <see cref="LookupInstruments"/>.</remarks>
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
    InstanceIdentity instance,
    CosmosConnection connection,
    ServiceTier? tier = null,
    SharedTierOptions? tierOptions = null,
    FeedSnapshots? snapshots = null)
{
    public Task RunAsync(HttpContext context) => JsonResponse.WriteAsync(context, Report(), OperationsJson.Default.StatisticsReport);

    private StatisticsReport Report()
    {
        var statistics = cache.GetStatistics();
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
            Cache = statistics,
            Feed = Feed(),
            Store = new StoreReport
            {
                Reads = statistics.StoreReads,
                Queries = statistics.StoreQueries,
                DurationCount = store.Count,
                DurationSumSeconds = store.Duration.TotalSeconds,
                Failures = store.Failures,
                Throttled = store.Throttled,
            },
            Memory = new MemoryReport
            {
                CacheBytes = statistics.Bytes,
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
            SharedTier = tier is null ? null : Report(tier),
            RequestUnitsSpent = statistics.RequestCharge + feed.RequestCharge + probe.RequestCharge,
            RequestUnitsSaved = statistics.RequestChargeSaved,
        };
    }

    private FeedReport Feed()
    {
        return new FeedReport
        {
            Epoch = freshness.Epoch,
            Armed = freshness.IsArmed,
            ConfirmedAgeSeconds = freshness.ConfirmedAge?.TotalSeconds,
            Paused = follower.IsPaused,
            Polls = feed.Polls,
            Changes = feed.Changes,
            RequestCharge = feed.RequestCharge,
            Ranges =
            [
                .. follower.Ranges.Select(Report),
            ],
        };
    }

    private FeedRangeReport Report(FeedRangeState range) => new(range.Range, range.Lag?.TotalSeconds, range.Lag?.TotalSeconds)
    {
        Polling = follower.IsPaused ? "paused" : range.IsNotFollowed ? "onDemand" : "background",
        IntervalSeconds = follower.IsPaused ? null : range.Interval?.TotalSeconds,
        RequestCharge = range.PollCharge,
        RequestChargeSaved = range.SavedCharge,
    };

    private SharedTierReport Report(ServiceTier used)
    {
        var calls = used.Statistics;
        return new SharedTierReport
        {
            Server = used.Name,
            Sealed = used.IsSealed,
            Used = tierOptions!.LogIdentity(connection.Generation) is not null,
            Responding = used.ServesReads,
            Writes = calls.Writes,
            DroppedWrites = calls.DroppedWrites,
            TooLarge = calls.TooLarge,
            Failures = calls.Failures,
            Timeouts = calls.Timeouts,
            NotSent = calls.Refused,
            Unopened = used.Unopened,
            SnapshotsWritten = snapshots!.Written,
            SnapshotFailures = snapshots.Failures,
        };
    }

    private List<RequestReport> Requests()
    {
        var reports = new List<RequestReport>(RequestCounters.Functions * RequestCounters.Outcomes);
        foreach (var function in Enum.GetValues<LookupFunction>())
        {
            foreach (var outcome in RequestOutcomes.Possible(tier is not null))
                reports.Add(new RequestReport(function.ToString(), RequestOutcomes.Names[(int)outcome], requests.Requests(function, outcome)));
        }

        return reports;
    }
}
