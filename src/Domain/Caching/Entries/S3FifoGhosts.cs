namespace Lookup.Domain.Caching.Entries;

/// <summary>Which keys gave way a short while ago, as hashes: one that is asked for again is worth keeping. Guarded by the section's lock.</summary>
internal sealed class S3FifoGhosts
{
    /// <summary>What one hash takes in the set and in the queue, which grow by doubling.</summary>
    private const int BytesPerGhost = 40;

    private readonly HashSet<uint> _set = [];
    private readonly Queue<uint> _order = [];

    public long Bytes => (long)_order.Count * BytesPerGhost;

    public bool Contains(string cacheKey) => _set.Contains(HashOf(cacheKey));

    /// <summary>Remembers a key, and forgets the oldest beyond the given number.</summary>
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

    /// <summary>FNV-1a. The hash of the runtime differs from process to process; which users stay would too.</summary>
    private static uint HashOf(string text)
    {
        var hash = 2166136261U;
        foreach (var c in text)
            hash = (hash ^ c) * 16777619U;
        return hash;
    }
}
