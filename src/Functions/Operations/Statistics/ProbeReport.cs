namespace Lookup.Functions.Operations.Statistics;

/// <summary>What the consistency probe has found since the start.</summary>
internal sealed record ProbeReport
{
    /// <summary>Whether <c>Lookup__ProbeRequestUnitsPerSecond</c> is above 0.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Users that were compared with the store.</summary>
    public required long Sampled { get; init; }

    /// <summary>Those that would have been served as fresh, and missed a change older than the promise. It should stay 0 for ever.</summary>
    public required long Violations { get; init; }

    /// <summary>The longest for which memory had surely missed a change.</summary>
    public required double StalenessMaxSeconds { get; init; }

    /// <summary>What the probe's own reads have cost, in request units.</summary>
    public required double RequestCharge { get; init; }
}
