using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// The cached entries, in two sections with a separate size limit each, so that a scan of unknown ids cannot evict users.
/// </summary>
/// <remarks>
/// A key is in at most one section, and writers hold the lock of the key's stripe. Entries do not expire here: the reader determines
/// whether an entry may be served, and a stale entry is still useful for a conditional read.
/// </remarks>
internal sealed class EntryMemory : IDisposable
{
    /// <summary>The share of the size for unknown ids, as a divisor.</summary>
    private const int NegativeShare = 8;

    private readonly EntrySection _positives;
    private readonly EntrySection _negatives;

    public EntryMemory(long sizeBytes, EvictionPolicy policy)
    {
        _negatives = Section(sizeBytes / NegativeShare);
        _positives = Section(sizeBytes - (sizeBytes / NegativeShare));

        EntrySection Section(long limit) => policy == EvictionPolicy.S3Fifo ? new S3FifoSection(limit) : new MemoryCacheSection(limit);
    }

    /// <summary>Gets the number and size of users and of hints that list users.</summary>
    public (long Count, long Bytes) Positives => _positives.Size;

    /// <summary>Gets the number and size of unknown ids and of empty hints.</summary>
    public (long Count, long Bytes) Negatives => _negatives.Size;

    /// <summary>Gets the number of entries that were evicted because a section was full.</summary>
    public long CapacityEvictions => _positives.CapacityEvictions + _negatives.CapacityEvictions;

    public bool IsEmpty => _positives.IsEmpty && _negatives.IsEmpty;

    /// <summary>Finds an entry without recording a use.</summary>
    public StampedEntry? Find(string cacheKey) => _positives.Find(cacheKey) ?? _negatives.Find(cacheKey);

    /// <summary>Finds an entry for a lookup and records the use at the given time.</summary>
    public StampedEntry? Use(string cacheKey, long now) => _positives.Use(cacheKey, now) ?? _negatives.Use(cacheKey, now);

    /// <summary>Stores an entry in place of the previous one, which is removed even if the new entry is not stored.</summary>
    /// <returns><see langword="true"/> if the entry is stored; <see langword="false"/> if there is no room for it.</returns>
    public bool Put(string cacheKey, StampedEntry entry)
    {
        var (home, other) = entry.IsNegative ? (_negatives, _positives) : (_positives, _negatives);
        other.Remove(cacheKey);
        return home.Put(cacheKey, entry);
    }

    /// <summary>Determines whether an entry can never be stored, because it alone is larger than its section.</summary>
    /// <param name="cacheKey">The key of the entry.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="size">The size of the entry with its key, in bytes.</param>
    /// <param name="limit">The size limit of the section, in bytes.</param>
    public bool IsTooLarge(string cacheKey, StampedEntry entry, out long size, out long limit)
    {
        var home = entry.IsNegative ? _negatives : _positives;
        size = home.SizeOf(cacheKey, entry);
        limit = home.Limit;
        return size > limit;
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
