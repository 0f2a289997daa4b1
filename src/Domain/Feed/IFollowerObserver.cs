namespace Lookup.Domain.Feed;

/// <summary>Hears what happens to the feed, for logs and metrics. Must not throw, and must not wait.</summary>
public interface IFollowerObserver
{
    /// <summary>The feed was started, and a new epoch with it.</summary>
    void EpochBegan(long epoch, int ranges);

    /// <summary>Every range was read to its end: what is read from now on is covered.</summary>
    void Armed(long epoch);

    /// <summary>A page was read and applied.</summary>
    void PageRead(string range, in FeedPage page);

    /// <summary>A poll failed and will be tried again; the range is <see langword="null"/> where it was the start of the feed.</summary>
    void PollFailed(string? range, Exception exception);

    /// <summary>Changes may have been missed: the epoch ends, and the feed starts anew.</summary>
    void GapFound(string range, Exception exception);

    /// <summary>Changes could not be read: the epoch ends, and the feed goes on.</summary>
    void ChangesUnreadable(string range, int count);
}
