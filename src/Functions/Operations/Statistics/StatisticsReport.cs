using Lookup.Domain.Caching;

namespace Lookup.Functions.Operations.Statistics;

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

    /// <summary>For how long the instance has been running, in seconds.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>The promise: <c>Lookup__MaxStaleness</c>.</summary>
    public required double MaxStalenessSeconds { get; init; }

    /// <summary><c>Lookup__PollInterval</c>.</summary>
    public required double PollIntervalSeconds { get; init; }

    /// <summary>The requests for users, by function and outcome; each combination is there, with 0 too.</summary>
    public required IReadOnlyList<RequestReport> Requests { get; init; }

    /// <summary>How old the answers were.</summary>
    public required StalenessReport Staleness { get; init; }

    public required StoreReport Store { get; init; }

    public required MemoryReport Memory { get; init; }

    public required ProbeReport Probe { get; init; }
}
