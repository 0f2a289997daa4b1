namespace Lookup.Domain.Feed;

/// <summary>Specifies the source of an eviction.</summary>
public enum EvictionSource
{
    /// <summary>The change feed, followed in this instance.</summary>
    Follower,

    /// <summary>The Cosmos DB trigger function, on the instance that received the change.</summary>
    Trigger,

    /// <summary>An administrator.</summary>
    Administrator,
}
