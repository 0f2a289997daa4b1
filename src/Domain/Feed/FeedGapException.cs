namespace Lookup.Domain.Feed;

/// <summary>
/// A position of the change feed can never be read on: its continuation was lost or rejected, or its container was made anew.
/// Changes may have been missed.
/// </summary>
public sealed class FeedGapException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The container was made anew: its log sequence numbers have begun again, and nothing known of the old one holds.</summary>
    public bool IsAnotherFeed { get; init; }
}
