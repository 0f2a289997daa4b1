namespace Lookup.Domain.Feed;

/// <summary>The store's change feed, read by pull. Keeps no state between calls: where a reader stands is in its positions.</summary>
/// <remarks>
/// Failures that may pass throw <see cref="Stores.UserStoreException"/>, and the same position is asked again. A position that can
/// never be read on throws <see cref="FeedGapException"/>. A cancelled call throws <see cref="OperationCanceledException"/>.
/// </remarks>
public interface IChangeFeed
{
    /// <summary>
    /// Gives one position for each feed range, together covering every user, from which changes are read that are made from now on.
    /// </summary>
    /// <remarks>
    /// «Now» is settled by the first page that is read from such a position, not by this call: what changes before that page's
    /// answer may never be shown.
    /// </remarks>
    ValueTask<IReadOnlyList<FeedPosition>> StartAsync(CancellationToken cancellationToken);

    /// <summary>Reads the next page of one feed range, or of one part of a range that has split.</summary>
    /// <returns>
    /// A page in the feed's order. <see cref="FeedPage.EndReached"/> says that there were no more changes when the store answered: the
    /// page is empty (304), or goes as far as the range had come. The first page from a start may say so only when it is empty. A page
    /// that leads on to several parts may say so only if each of them has said so itself.
    /// </returns>
    ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken);
}
