using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The start of the change feed: its ranges, and which users each of them contains.</summary>
/// <param name="Positions">
/// One position for each feed range. Together they cover every user. A range can be read from its position again at any time, to restart
/// it from now.
/// </param>
/// <param name="Partitioner">
/// The division of the users among the ranges, which returns indexes of <paramref name="Positions"/>; or <see langword="null"/> if it is
/// not known. Then a user is confirmed only if all ranges are.
/// </param>
public sealed record FeedStart(IReadOnlyList<FeedPosition> Positions, IFeedPartitioner? Partitioner)
{
    /// <summary>
    /// Gets the identity of what is followed: the container's log and the mode of the feed. It is the same text in every instance whose positions this
    /// one can continue, and another one for a recreated container; <see langword="null"/> if it is not known.
    /// </summary>
    public string? Source { get; init; }
}
