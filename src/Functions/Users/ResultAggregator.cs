using Lookup.Domain.Caching;

namespace Lookup.Functions.Users;

/// <summary>The aggregation of several results into one, which is as old as the oldest and no better than the worst.</summary>
internal static class ResultAggregator
{
    public static LookupResult Aggregate(IReadOnlyList<LookupResult> results)
    {
        var summary = results[0] with { Document = null };
        foreach (var result in results)
        {
            summary = summary.JoinedWith(result) with
            {
                IsRevalidated = false,
                IsStored = summary.IsStored || result.IsStored,
                IsCollapsed = false,
            };
        }

        return summary.Status == LookupStatus.NotCached ? summary : summary with { Status = LookupStatus.Found };
    }
}
