namespace Lookup.Functions.Operations.Statistics;

/// <summary>What the process holds in memory, now.</summary>
internal sealed record MemoryReport
{
    /// <summary>Users, unknown ids and hints, by the cache's own estimate.</summary>
    public required long CacheBytes { get; init; }

    /// <summary><c>Lookup__CacheSizeBytes</c>; reads under way and fences have a part of it.</summary>
    public required long CacheLimitBytes { get; init; }

    /// <summary>What the process has of the machine's memory.</summary>
    public required long WorkingSetBytes { get; init; }

    /// <summary>The managed heap.</summary>
    public required long HeapBytes { get; init; }
}
