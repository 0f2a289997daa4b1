namespace Lookup.Domain.Feed;

/// <summary>
/// The exception that is thrown when the feed can never be read from a position again: its continuation was lost or rejected, or the
/// container was recreated. Changes may have been missed.
/// </summary>
public sealed class FeedGapException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Gets a value that indicates whether the container was deleted and recreated, so its log sequence numbers restarted and nothing
    /// known about the old container applies.
    /// </summary>
    public bool IsAnotherFeed { get; init; }
}
