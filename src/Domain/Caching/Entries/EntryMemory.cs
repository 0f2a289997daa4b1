using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// The memory itself: two sections with a size each, so that a scan of unknown ids cannot push users out.
/// </summary>
/// <remarks>
/// A key is in one of them at most; whoever writes holds the lock of the key's stripe. Entries never expire by time here: whether one
/// may be served is the reader's to judge, and a stale one is still good for a conditional read.
/// </remarks>
internal sealed class EntryMemory : IDisposable
{
    /// <summary>Which part of the size unknown ids may take.</summary>
    private const int NegativeShare = 8;

    private readonly EntrySection _positives;
    private readonly EntrySection _negatives;

    public EntryMemory(long sizeBytes, EvictionPolicy policy)
    {
        _negatives = Section(sizeBytes / NegativeShare);
        _positives = Section(sizeBytes - (sizeBytes / NegativeShare));

        EntrySection Section(long limit) => policy == EvictionPolicy.S3Fifo ? new S3FifoSection(limit) : new MemoryCacheSection(limit);
    }

    /// <summary>Users, and hints that name some.</summary>
    public (long Count, long Bytes) Positives => _positives.Size;

    /// <summary>Unknown ids, and hints that name nobody.</summary>
    public (long Count, long Bytes) Negatives => _negatives.Size;

    /// <summary>How many were removed to make room.</summary>
    public long CapacityEvictions => _positives.CapacityEvictions + _negatives.CapacityEvictions;

    public bool IsEmpty => _positives.IsEmpty && _negatives.IsEmpty;

    /// <summary>Finds an entry without noting that it was used.</summary>
    public StampedEntry? Find(string cacheKey) => _positives.Find(cacheKey) ?? _negatives.Find(cacheKey);

    /// <summary>Finds an entry for a lookup that has read the time already, and notes the use.</summary>
    public StampedEntry? Use(string cacheKey, long now) => _positives.Use(cacheKey, now) ?? _negatives.Use(cacheKey, now);

    /// <summary>Keeps an entry in place of what was there. Where memory is full the key is left without one, and room is made.</summary>
    public bool Put(string cacheKey, StampedEntry entry)
    {
        var (home, other) = entry.IsNegative ? (_negatives, _positives) : (_positives, _negatives);
        other.Remove(cacheKey);
        return home.Put(cacheKey, entry);
    }

    public void Remove(string cacheKey)
    {
        _positives.Remove(cacheKey);
        _negatives.Remove(cacheKey);
    }

    public void Clear()
    {
        _positives.Clear();
        _negatives.Clear();
    }

    public void Dispose()
    {
        _positives.Dispose();
        _negatives.Dispose();
    }
}
