namespace Lookup.Domain.Feed;

/// <summary>
/// The exception that is thrown when the feed can no longer be read from a position, because the continuation was lost or rejected or the
/// container was recreated. Changes may have been missed.
/// </summary>
public sealed class FeedGapException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Gets a value that indicates whether the container was deleted and recreated. The log sequence numbers then restart, and nothing that
    /// is known about the old container applies.
    /// </summary>
    public bool IsContainerRecreated { get; init; }
}
