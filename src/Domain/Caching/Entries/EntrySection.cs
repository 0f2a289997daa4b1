using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>One part of memory: entries by key, within a size, by some eviction policy.</summary>
/// <remarks>
/// Whoever writes a key holds the lock of its stripe. A section may forget any entry at any time; what was removed or replaced
/// never comes back.
/// </remarks>
internal abstract class EntrySection : IDisposable
{
    public abstract bool IsEmpty { get; }

    /// <summary>The entries, and the bytes that they and the section's notes about them take. Never more than the limit.</summary>
    public abstract (long Count, long Bytes) Size { get; }

    /// <summary>How many were removed to make room.</summary>
    public abstract long CapacityEvictions { get; }

    /// <summary>Looks an entry up.</summary>
    public abstract StampedEntry? Find(string cacheKey);

    /// <summary>Looks an entry up for a lookup that has read the time already, and notes that it was used.</summary>
    public abstract StampedEntry? Use(string cacheKey, long now);

    /// <summary>Keeps an entry in place of what was there, or leaves the key without one.</summary>
    /// <returns>Whether the entry is kept.</returns>
    public abstract bool Put(string cacheKey, StampedEntry entry);

    public abstract void Remove(string cacheKey);

    public abstract void Clear();

    public abstract void Dispose();
}
