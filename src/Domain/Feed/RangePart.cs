using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>A feed range, or a part of one that has split.</summary>
/// <param name="Position">The position of the next page.</param>
/// <param name="Reached">The highest position that a replica had reached when it returned a page of this part, or nothing if it is not known.</param>
internal readonly record struct RangePart(FeedPosition Position, LogPosition Reached)
{
    /// <summary>Creates a part of which no page was read.</summary>
    public static RangePart From(FeedPosition position) => new(position, default);

    /// <summary>
    /// Returns the part after a page of it, which did not split it. A page without a position, or of a replica that lags, changes nothing that
    /// is known.
    /// </summary>
    public RangePart After(in FeedPage page) =>
        new(page.Next[0], page.Position.Partition is null || page.Position.IsBehind(Reached) ? Reached : page.Position);

    /// <summary>Determines whether the replica that returned a page lags behind one that returned an earlier page.</summary>
    public bool IsBehind(in FeedPage page) => page.Position.IsBehind(Reached);
}
