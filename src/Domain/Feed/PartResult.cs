using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The result of polling one or more parts.</summary>
/// <param name="Outcome">The worst outcome of the parts.</param>
/// <param name="Parts">The positions to continue from.</param>
/// <param name="Epoch">The oldest epoch in which an end was found, or <see langword="null"/> if a part did not reach its end.</param>
/// <param name="SentAt">The time at which the poll that found the earliest end was sent.</param>
internal readonly record struct PartResult(PollOutcome Outcome, IReadOnlyList<RangePart> Parts, FeedEpoch? Epoch, long SentAt)
{
    /// <summary>Combines the results of two parts that were polled concurrently.</summary>
    public PartResult And(PartResult other)
    {
        var outcome = Outcome > other.Outcome ? Outcome : other.Outcome;
        RangePart[] parts = [.. Parts, .. other.Parts];
        return outcome == PollOutcome.EndReached
            ? new PartResult(outcome, parts, Epoch!.Number < other.Epoch!.Number ? Epoch : other.Epoch, Math.Min(SentAt, other.SentAt))
            : new PartResult(outcome, parts, null, FeedEpoch.Never);
    }
}

/// <summary>Specifies the outcome of a poll, from best to worst, or that there was none.</summary>
internal enum PollOutcome
{
    /// <summary>There were no more changes.</summary>
    EndReached,

    /// <summary>The poll failed and can be repeated from the same position.</summary>
    Failed,

    /// <summary>The feed can never be read from the position again.</summary>
    Gap,

    /// <summary>No poll was sent, because none was paid for. The one that the caller expected to share has ended.</summary>
    NotPaid,
}
