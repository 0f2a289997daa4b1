namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// The ghost queue: hashes of recently evicted keys. A key that is requested again while it is in the ghost queue is admitted to the main
/// queue. Guarded by the section's lock.
/// </summary>
internal sealed class S3FifoGhosts
{
    /// <summary>The memory of one hash in the set and in the queue: the mean of 20 and 40, because both grow by doubling.</summary>
    private const int BytesPerGhost = 30;

    private readonly HashSet<uint> _set = [];
    private readonly Queue<uint> _order = [];

    public long Bytes => (long)_order.Count * BytesPerGhost;

    public bool Contains(string cacheKey) => _set.Contains(HashOf(cacheKey));

    /// <summary>Adds a key, and removes the oldest keys above the given number.</summary>
    public void Add(string cacheKey, int maxCount)
    {
        var hash = HashOf(cacheKey);
        if (_set.Add(hash))
            _order.Enqueue(hash);
        while (_order.Count > maxCount)
            _set.Remove(_order.Dequeue());
    }

    public void Clear()
    {
        _set.Clear();
        _set.TrimExcess();
        _order.Clear();
        _order.TrimExcess();
    }

    /// <summary>
    /// Uses FNV-1a rather than <see cref="string.GetHashCode()"/>, whose per-process seed would make eviction nondeterministic.
    /// </summary>
    private static uint HashOf(string text)
    {
        var hash = 2166136261U;
        foreach (var c in text)
            hash = (hash ^ c) * 16777619U;
        return hash;
    }
}
