using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>One page of the change feed of one feed range, or of one part of it.</summary>
/// <param name="Changes">The changes, in the order of the feed.</param>
/// <param name="Next">
/// The position of the next page, or several positions if the range has split. Each of them is a part of the range and is read separately
/// from then on. Together they cover the same users as the previous position.
/// </param>
/// <param name="EndReached">
/// A value that indicates whether there were no further changes in any part when the store responded: a 304, or a page that extends to
/// the end of the range.
/// </param>
/// <param name="Unreadable">
/// The number of changes on the page that could not be parsed. If it is not zero, the reader must discard its assumptions about cached
/// data, because those changes are lost.
/// </param>
/// <param name="RequestCharge">The cost of the page, in request units.</param>
public readonly record struct FeedPage(
    IReadOnlyList<UserChange> Changes,
    IReadOnlyList<FeedPosition> Next,
    bool EndReached,
    int Unreadable,
    double RequestCharge)
{
    /// <summary>
    /// Gets the partition that returned the page, and the position that its replica had reached. Nothing if it is not known; the log sequence
    /// numbers of the changes then prove nothing.
    /// </summary>
    public LogPosition Position { get; init; }
}
