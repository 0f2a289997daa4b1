using Lookup.Domain.Caching;

namespace Lookup.Functions.Users;

/// <summary>Sums many answers up in one: as old as the oldest, and no better than the worst.</summary>
internal static class ResultAggregator
{
    public static LookupResult Of(IReadOnlyList<LookupResult> answers)
    {
        var summary = answers[0] with { Document = null };
        foreach (var answer in answers)
        {
            summary = summary.JoinedWith(answer) with
            {
                IsRevalidated = false,
                IsStored = summary.IsStored || answer.IsStored,
                IsCollapsed = false,
            };
        }

        return summary.Status == LookupStatus.NotCached ? summary : summary with { Status = LookupStatus.Found };
    }
}
