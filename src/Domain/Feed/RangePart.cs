using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>A feed range, or a part of one that has split.</summary>
/// <param name="Position">The position of the next page.</param>
/// <param name="Shown">The highest position of a change that a page has shown, or nothing.</param>
/// <param name="End">The position of the last page, or nothing if it is not known.</param>
internal readonly record struct RangePart(FeedPosition Position, LogPosition Shown, LogPosition End)
{
    /// <summary>Creates a part of which no page was read.</summary>
    public static RangePart From(FeedPosition position) => new(position, default, default);

    /// <summary>Returns the part after a page of it, which did not split it.</summary>
    public RangePart After(in FeedPage page)
    {
        var shown = Shown.Partition == page.Position.Partition ? Shown : default;
        foreach (var change in page.Changes)
            shown = shown.Partition is null ? change.Position : shown.OrLater(change.Position);
        return new RangePart(page.Next[0], shown, page.Position);
    }

    /// <summary>Determines whether the replica that returned a page had not reached a change that was shown before.</summary>
    public bool IsBehind(in FeedPage page) => page.Position.IsKnown && page.Position.Partition == Shown.Partition && page.Position.Lsn < Shown.Lsn;
}
