namespace Lookup.Domain.Feed;

/// <summary>One page of the change feed of one feed range, or of one part of it.</summary>
/// <param name="Changes">The changes, in the feed's order.</param>
/// <param name="Next">
/// Where to read on: one position, or several if the range has split meanwhile. Each of those is a part of the range and is read by
/// itself from then on; together they cover what the one before them covered.
/// </param>
/// <param name="EndReached">
/// There were no more changes than these in any part when the store answered: a 304, or a page that goes as far as the range itself
/// had come.
/// </param>
/// <param name="Unreadable">
/// The number of changes of the page that could not be read. They are lost to the reader, which therefore must not trust what it knew
/// before.
/// </param>
/// <param name="RequestCharge">The cost of the page, in request units.</param>
public readonly record struct FeedPage(
    IReadOnlyList<UserChange> Changes,
    IReadOnlyList<FeedPosition> Next,
    bool EndReached,
    int Unreadable,
    double RequestCharge);
