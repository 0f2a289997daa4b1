namespace Lookup.Functions.Operations.Health;

/// <summary>Whether the instance can answer lookups, and what that rests on.</summary>
internal sealed record ReadinessState(ReadinessStatus Status, IReadOnlyList<HealthCheckReport> Checks);

/// <summary>Whether the instance can answer lookups.</summary>
internal enum ReadinessStatus
{
    /// <summary>The feed is followed, and the store can be reached.</summary>
    Ready,

    /// <summary>One of the two is missing: lookups are answered all the same, at a higher price or only those in memory.</summary>
    Degraded,

    /// <summary>No lookup that asks for nothing special can be answered.</summary>
    NotReady,
}
