using Lookup.Domain.Caching;

namespace Lookup.Functions.Users;

/// <summary>Sums many answers up in one: as old as the oldest, and no better than the worst.</summary>
internal static class Summary
{
    public static UserAnswer Of(IReadOnlyList<UserAnswer> answers)
    {
        var summary = answers[0] with { Document = null };
        foreach (var answer in answers)
        {
            summary = summary with
            {
                Status = answer.Status == AnswerStatus.NotCached ? AnswerStatus.NotCached : summary.Status,
                Origin = summary.Origin == AnswerOrigin.Hit ? answer.Origin : summary.Origin,
                Age = answer.Age > summary.Age ? answer.Age : summary.Age,
                TimeToLive = answer.TimeToLive < summary.TimeToLive ? answer.TimeToLive : summary.TimeToLive,
                IsStale = summary.IsStale || answer.IsStale,
                IsInsteadOfError = summary.IsInsteadOfError || answer.IsInsteadOfError,
                IsRevalidated = false,
                IsStored = summary.IsStored || answer.IsStored,
                IsCollapsed = false,
                StoreDuration = answer.StoreDuration > summary.StoreDuration ? answer.StoreDuration : summary.StoreDuration,
            };
        }

        return summary.Status == AnswerStatus.NotCached ? summary : summary with { Status = AnswerStatus.Found };
    }
}
