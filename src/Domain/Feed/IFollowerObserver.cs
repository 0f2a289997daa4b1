namespace Lookup.Domain.Feed;

/// <summary>The receiver of feed events, for logging and metrics. Implementations must not throw or block.</summary>
public interface IFollowerObserver
{
    /// <summary>Called when the feed was started, with a new epoch.</summary>
    void EpochBegan(long epoch, int ranges);

    /// <summary>Called when the epoch is armed: every feed range was polled to its end, so the feed covers users that are read from now on.</summary>
    void Armed(long epoch);

    /// <summary>Called when a page was read and applied.</summary>
    void PageRead(string range, in FeedPage page);

    /// <summary>
    /// Called when a poll failed and will be repeated. The range is <see langword="null"/> if the feed could not be started.
    /// </summary>
    void PollFailed(string? range, Exception exception);

    /// <summary>Called when changes may have been missed. The epoch ends, and the feed is restarted.</summary>
    void GapFound(string range, Exception exception);

    /// <summary>Called when changes could not be parsed. The epoch ends, and the feed continues.</summary>
    void ChangesUnreadable(string range, int count);
}
