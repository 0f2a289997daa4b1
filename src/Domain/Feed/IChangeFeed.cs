namespace Lookup.Domain.Feed;

/// <summary>The store's change feed in the pull model. It keeps no state between calls, because the positions contain it.</summary>
/// <remarks>
/// Transient failures throw <see cref="Stores.UserStoreException"/>, and the same position is read again. If the feed can never be read
/// from a position again, <see cref="FeedGapException"/> is thrown. A canceled call throws <see cref="OperationCanceledException"/>.
/// </remarks>
public interface IChangeFeed
{
    /// <summary>
    /// Returns the feed ranges, with a position for each from which the changes that are made from now on are read.
    /// </summary>
    /// <remarks>
    /// "Now" is determined by the first page that is read from such a position, not by this call. A change that is made before the store
    /// returns that page might never be returned.
    /// </remarks>
    ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken);

    /// <summary>Reads the next page of one feed range, or of one part of a range that has split.</summary>
    /// <returns>
    /// A page in the order of the feed. <see cref="FeedPage.EndReached"/> means that there were no further changes when the store
    /// responded: the page is empty (304) or extends to the end of the range. For the first page from a start position, it may be set only
    /// if the page is empty. For a page with several next positions, it may be set only if each part has reported its own end.
    /// </returns>
    ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the position of another instance, to continue from it instead of a start position, or <see langword="null"/> if it is not one of the same
    /// container and the same range. It never throws, whatever the token is.
    /// </summary>
    /// <param name="start">The start position of the range.</param>
    /// <param name="token">The <see cref="FeedPosition.Token"/> of the other instance's position.</param>
    FeedPosition? TryResume(FeedPosition start, string token) => null;
}
