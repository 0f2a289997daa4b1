namespace Lookup.Domain.Feed;

/// <summary>The receiver of the changes that a follower reads: the cache.</summary>
public interface IChangeSink
{
    /// <summary>Gets a value that indicates whether the cache is empty, so that no entry needs to be kept fresh.</summary>
    bool IsEmpty { get; }

    /// <summary>Applies a change. It takes effect immediately and cannot fail.</summary>
    void Evict(in UserChange change, EvictionSource source);

    /// <summary>Discards all state of the previous log, because another log with its own log sequence numbers has started.</summary>
    void StartOver();
}
