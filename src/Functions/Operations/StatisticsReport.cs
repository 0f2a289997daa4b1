using Lookup.Domain.Caching;

namespace Lookup.Functions.Operations;

/// <summary>The answer of <c>GET /api/stats</c>.</summary>
internal sealed record StatisticsReport
{
    /// <summary>The instance that all of this is about.</summary>
    public required string Instance { get; init; }

    public required UserCacheStatistics Cache { get; init; }

    public required FeedReport Feed { get; init; }

    /// <summary>What reads, queries and polls have cost since the start.</summary>
    public required double RequestUnitsSpent { get; init; }

    /// <summary>What the hits would have cost as point reads.</summary>
    public required double RequestUnitsSaved { get; init; }
}
