namespace Lookup.Functions.Operations.Statistics;

/// <summary>How the instance follows the change feed.</summary>
internal sealed record FeedReport
{
    /// <summary>Grows at every gap.</summary>
    public required long Epoch { get; init; }

    /// <summary>Whether the feed covers what is read from now on.</summary>
    public required bool Armed { get; init; }

    /// <summary>How long ago the feed confirmed all that memory holds; absent while it does not.</summary>
    public double? ConfirmedAgeSeconds { get; init; }

    /// <summary>Whether polling is paused, since memory is empty or nobody looks users up; lag and ages grow then, and mean nothing.</summary>
    public required bool Paused { get; init; }

    public required long Polls { get; init; }

    public required long Changes { get; init; }

    /// <summary>What polling has cost, in request units.</summary>
    public required double RequestCharge { get; init; }

    public required IReadOnlyList<FeedRangeReport> Ranges { get; init; }
}

/// <summary>One feed range.</summary>
/// <param name="Range">Its name.</param>
/// <param name="LagSeconds">How long ago it was read to its end; absent while it never was.</param>
/// <param name="ConfirmedAgeSeconds">
/// The same, but absent also while the feed is not armed: until every range was read to its end none of them confirms anything.
/// </param>
internal sealed record FeedRangeReport(string Range, double? LagSeconds = null, double? ConfirmedAgeSeconds = null);
