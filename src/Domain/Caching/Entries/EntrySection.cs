using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>One section of the cache: entries by key, with a size limit and an eviction policy.</summary>
/// <remarks>
/// Writers hold the lock of the key's stripe. A section may evict any entry at any time. An entry that was removed or replaced never
/// returns.
/// </remarks>
/// <param name="limit">The size limit, in bytes.</param>
/// <param name="placeBytes">
/// The memory of an entry's place: the objects that connect the entry and its key with the section, and its share of the table.
/// </param>
internal abstract class EntrySection(long limit, int placeBytes) : IDisposable
{
    /// <summary>
    /// The memory of an entry's node in a <see cref="System.Collections.Concurrent.ConcurrentDictionary{TKey, TValue}"/> (48 bytes), and its
    /// share of the table of the buckets and locks. The table grows by doubling, so the share of an entry is between 10 and 33 bytes. This is
    /// the mean, 20: the true size of a section of small entries is from 4% below to 5% above the counted one.
    /// </summary>
    protected const int NodeBytes = 68;

    /// <summary>Gets the size limit, in bytes.</summary>
    public long Limit => limit;

    public abstract bool IsEmpty { get; }

    /// <summary>Returns the memory that an entry takes together with its key and its place, in bytes.</summary>
    public long SizeOf(string cacheKey, StampedEntry entry) => placeBytes + HeapSize.OfString(cacheKey.Length) + entry.Bytes;

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
