namespace Lookup.Functions.Operations.Statistics;

/// <summary>What this instance asked of the store, since the start; the change feed is not in it.</summary>
internal sealed record StoreReport
{
    /// <summary>Reads of one or many users that were answered.</summary>
    public required long Reads { get; init; }

    /// <summary>Queries for an alternate key that were answered.</summary>
    public required long Queries { get; init; }

    /// <summary>Calls that ended, with an answer or a failure.</summary>
    public required long DurationCount { get; init; }

    /// <summary>How long these took together.</summary>
    public required double DurationSumSeconds { get; init; }

    /// <summary>Calls that failed, throttled ones among them.</summary>
    public required long Failures { get; init; }

    /// <summary>Calls that failed because the store asked for fewer requests (429).</summary>
    public required long Throttled { get; init; }
}
