using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>An entry and its position in a queue of <see cref="S3FifoSection"/>.</summary>
internal sealed class S3FifoSlot(string cacheKey, StampedEntry entry, long size)
{
    /// <summary>The maximum count of uses. Further uses are not counted, which saves writes to a cache line that all cores read.</summary>
    public const int MaxUses = 3;

    private int _uses;

    public string CacheKey { get; } = cacheKey;

    public StampedEntry Entry { get; } = entry;

    public long Size { get; } = size;

    /// <summary>
    /// Gets or sets the number of uses since the entry was added or last skipped. Readers count without a lock, so one of two concurrent
    /// uses can be lost, and the entry may be evicted slightly earlier.
    /// </summary>
    public int Uses
    {
        get => Volatile.Read(ref _uses);
        set => Volatile.Write(ref _uses, value);
    }

    /// <summary>Gets or sets the queue that contains the slot. This and the links are guarded by the section's lock.</summary>
    public S3FifoQueue? Queue { get; set; }

    public S3FifoSlot? Previous { get; set; }

    public S3FifoSlot? Next { get; set; }

    public void NoteUse()
    {
        var uses = Uses;
        if (uses < MaxUses)
            Uses = uses + 1;
    }
}
