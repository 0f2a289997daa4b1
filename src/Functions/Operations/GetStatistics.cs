using Lookup.Domain.Caching;
using Lookup.Domain.Changes;
using Lookup.Functions.Hosting;
using Lookup.Functions.Http;

namespace Lookup.Functions.Operations;

/// <summary><c>GET /api/stats</c>: what this instance has done and holds, and how far it follows the feed.</summary>
internal sealed class GetStatistics(
    UserCache cache,
    Freshness freshness,
    ChangeFeedFollower follower,
    FollowerLog feed,
    InstanceIdentity instance)
{
    public Task RunAsync(HttpContext context)
    {
        var counted = cache.GetStatistics();
        var report = new StatisticsReport
        {
            Instance = instance.Id,
            Cache = counted,
            Feed = new FeedReport
            {
                Epoch = freshness.Epoch,
                Armed = freshness.IsArmed,
                ConfirmedAgeSeconds = freshness.ConfirmedAge?.TotalSeconds,
                Polls = feed.Polls,
                Changes = feed.Changes,
                RequestCharge = feed.RequestCharge,
                Ranges = [.. follower.Ranges.Select(range => new FeedRangeReport(range.Range, range.Lag?.TotalSeconds))],
            },
            RequestUnitsSpent = counted.RequestCharge + feed.RequestCharge,
            RequestUnitsSaved = counted.RequestChargeSaved,
        };
        return JsonAnswer.WriteAsync(context, report, LookupJson.Default.StatisticsReport);
    }
}
