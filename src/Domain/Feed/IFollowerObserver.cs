namespace Lookup.Domain.Feed;

/// <summary>The receiver of feed events, for logging and metrics. By default, nothing is done. Implementations must not throw or block.</summary>
public interface IFollowerObserver
{
    /// <summary>Called when the feed was started, with a new epoch of each range.</summary>
    void EpochBegan(long epoch, int ranges)
    {
    }

    /// <summary>Called when ranges of a feed that was started continue from the positions of another instance.</summary>
    void Resumed(int ranges)
    {
    }

    /// <summary>
    /// Called when every feed range is armed, after the start or after a gap in a range: each was polled to its end, so the feed covers all
    /// users that are read from now on.
    /// </summary>
    void Armed(long epoch)
    {
    }

    /// <summary>Called when a page was read and applied.</summary>
    void PageRead(string range, in FeedPage page)
    {
    }

    /// <summary>
    /// Called when a poll failed and will be repeated. The range is <see langword="null"/> if the feed could not be started.
    /// </summary>
    void PollFailed(string? range, Exception exception)
    {
    }

    /// <summary>
    /// Called when changes of a range may have been missed. Its epoch ends, and the range is restarted from now; if the container was
    /// recreated, the whole feed is.
    /// </summary>
    void GapFound(string range, Exception exception)
    {
    }

    /// <summary>Called when changes could not be parsed. The epoch of the range ends, and the feed continues.</summary>
    void ChangesUnreadable(string range, int count)
    {
    }

    /// <summary>
    /// Called when a range returned a user that the partitioner assigns to another range. All epochs end, and from then on a user is
    /// confirmed only if all ranges are.
    /// </summary>
    void PartitionerAbandoned(string range)
    {
    }
}
