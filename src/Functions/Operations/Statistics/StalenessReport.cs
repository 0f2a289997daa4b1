namespace Lookup.Functions.Operations.Statistics;

/// <summary>How old the answers to requests were, since the start: for how long they had not been confirmed.</summary>
internal sealed record StalenessReport
{
    /// <summary>Upper bounds of the buckets, each within its own; <c>Lookup__MaxStaleness</c> is one of them.</summary>
    public required IReadOnlyList<double> BoundariesSeconds { get; init; }

    /// <summary>Requests in each bucket: one more than there are bounds, for what lies above the last.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    public required double SumSeconds { get; init; }

    public required double MaxSeconds { get; init; }
}
