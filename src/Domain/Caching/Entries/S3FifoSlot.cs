using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>An entry's place in one of the queues of <see cref="S3FifoSection"/>.</summary>
internal sealed class S3FifoSlot(string cacheKey, StampedEntry entry, long size)
{
    /// <summary>Further uses tell nothing more, and cost no write to a cache line that all cores read.</summary>
    public const int MaxUses = 3;

    private int _uses;

    public string CacheKey { get; } = cacheKey;

    public StampedEntry Entry { get; } = entry;

    public long Size { get; } = size;

    /// <summary>
    /// How often the entry was found since it came in or was last passed over. Readers count without a lock: of two that count at
    /// once one may be lost, and an entry may go a little sooner.
    /// </summary>
    public int Uses
    {
        get => Volatile.Read(ref _uses);
        set => Volatile.Write(ref _uses, value);
    }

    /// <summary>The queue that the slot is in. This and the links are guarded by the section's lock.</summary>
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
