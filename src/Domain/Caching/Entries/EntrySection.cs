using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>One section of the cache: entries by key, with a size limit and an eviction policy.</summary>
/// <remarks>
/// Writers hold the lock of the key's stripe. A section may evict any entry at any time. An entry that was removed or replaced never
/// returns.
/// </remarks>
internal abstract class EntrySection(long limit) : IDisposable
{
    /// <summary>Gets the size limit, in bytes.</summary>
    public long Limit => limit;

    public abstract bool IsEmpty { get; }

    /// <summary>Gets the number of entries, and the bytes of the entries and their bookkeeping, which never exceed the limit.</summary>
    public abstract (long Count, long Bytes) Size { get; }

    /// <summary>Gets the number of entries that were evicted because the section was full.</summary>
    public abstract long CapacityEvictions { get; }

    /// <summary>Finds an entry without recording a use.</summary>
    public abstract StampedEntry? Find(string cacheKey);

    /// <summary>Finds an entry for a lookup and records the use at the given time.</summary>
    public abstract StampedEntry? Use(string cacheKey, long now);

    /// <summary>Stores an entry in place of the previous one, which is removed even if the new entry is not stored.</summary>
    /// <returns><see langword="true"/> if the entry is stored; otherwise, <see langword="false"/>.</returns>
    public abstract bool Put(string cacheKey, StampedEntry entry);

    public abstract void Remove(string cacheKey);

    public abstract void Clear();

    public abstract void Dispose();
}
