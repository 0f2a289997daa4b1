namespace Lookup.Domain.Changes;

/// <summary>One page of the change feed of one feed range.</summary>
/// <param name="Changes">The changes, in the feed's order.</param>
/// <param name="Next">Where to read on.</param>
/// <param name="EndReached">
/// There were no more changes than these when the store answered: a 304, or a page that goes as far as the range itself had come.
/// </param>
/// <param name="Unreadable">
/// How many changes of the page could not be read. They are lost to the reader, which therefore must not trust what it knew before.
/// </param>
/// <param name="RequestCharge">What the page cost, in request units.</param>
public readonly record struct FeedPage(
    IReadOnlyList<UserChange> Changes,
    FeedPosition Next,
    bool EndReached,
    int Unreadable,
    double RequestCharge);
