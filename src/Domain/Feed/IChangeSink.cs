using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The receiver of the changes that a follower reads: the cache.</summary>
public interface IChangeSink
{
    /// <summary>Gets a value that indicates whether the cache is empty, so that no entry needs to be kept fresh.</summary>
    bool IsEmpty { get; }

    /// <summary>Applies a page of the feed that an instance follows. It takes effect immediately and cannot fail.</summary>
    /// <param name="page">The page.</param>
    /// <param name="poll">The poll that returned it.</param>
    void Apply(in FeedPage page, in PollStamp poll);

    /// <summary>Applies one change that the trigger or an administrator reported, not the feed. It takes effect immediately and cannot fail.</summary>
    void Evict(in UserChange change, EvictionSource source);

    /// <summary>
    /// Discards all state of earlier logs, because the container was recreated and has another log with its own log sequence numbers.
    /// </summary>
    /// <param name="log">The number of the log. What is known of this log or a later one, from reads that were faster than the feed, remains.</param>
    void StartOver(long log);
}
