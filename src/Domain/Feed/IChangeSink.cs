namespace Lookup.Domain.Feed;

/// <summary>The receiver of the changes that a follower reads: the cache.</summary>
public interface IChangeSink
{
    /// <summary>Gets a value that indicates whether nothing is cached, so that there is nothing to keep fresh.</summary>
    bool IsEmpty { get; }

    /// <summary>Applies a change. It takes effect immediately and cannot fail.</summary>
    void Evict(in UserChange change, EvictionSource source);

    /// <summary>Discards everything that was learned from the previous log: another log has begun, with log sequence numbers of its own.</summary>
    void StartOver();
}
