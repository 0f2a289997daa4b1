namespace Lookup.Functions.Operations;

/// <summary>How the instance follows the change feed.</summary>
internal sealed record FeedReport
{
    /// <summary>Grows at every gap.</summary>
    public required long Epoch { get; init; }

    /// <summary>Whether the feed covers what is read from now on.</summary>
    public required bool Armed { get; init; }

    /// <summary>How long ago the feed confirmed all that memory holds; absent while it does not.</summary>
    public double? ConfirmedAgeSeconds { get; init; }

    public required long Polls { get; init; }

    public required long Changes { get; init; }

    /// <summary>What polling has cost, in request units.</summary>
    public required double RequestCharge { get; init; }

    public required IReadOnlyList<FeedRangeReport> Ranges { get; init; }
}

/// <summary>One feed range.</summary>
/// <param name="Range">Its name.</param>
/// <param name="LagSeconds">How long ago it was read to its end; absent while it never was.</param>
internal sealed record FeedRangeReport(string Range, double? LagSeconds = null);
