using System.Collections.Concurrent;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// Entries within a size, by S3-FIFO (Yang et al., SOSP 2023): a small queue that new entries pass through, a main queue for those that
/// were used meanwhile, and a memory of the keys that were not.
/// </summary>
/// <remarks>
/// <para>
/// A hit takes no lock: it looks the slot up and counts a use. All that changes the queues holds one lock, which is taken inside the
/// lock of the key's stripe and takes none itself.
/// </para>
/// <para>
/// Room is made before an entry comes in, never after, so the size holds at every moment. Who gives way is removed from the
/// dictionary together with its slot:
/// <code>
/// reader of A                    writer of B (stripe of B)              writer of A (stripe of A)
///                                needs room, and A is next
/// finds A's slot
///                                                                       waits for the section's lock
///                                removes A's slot from both
///                                                                       puts A's new slot into both
/// counts a use of the old slot,
/// answers with its entry
/// </code>
/// The reader began before A was replaced, so it may have the old entry; the old slot is in no queue and never returns.
/// </para>
/// </remarks>
internal sealed class S3FifoSection(long limit) : EntrySection
{
    /// <summary>The small queue gives way first while it takes more than this part of the size.</summary>
    private const int SmallShare = 10;

    /// <summary>For so many entries one key that gave way is remembered.</summary>
    private const int EntriesPerGhost = 2;

    /// <summary>How many entries are passed over at most until one gives way: the lock is not held for the length of a queue.</summary>
    private const int MaxPassedOver = 256;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, S3FifoSlot> _slots = new(StringComparer.Ordinal);
    private readonly S3FifoQueue _small = new();
    private readonly S3FifoQueue _main = new();
    private readonly S3FifoGhosts _ghosts = new();
    private long _count;
    private long _capacityEvictions;

    public override bool IsEmpty => Volatile.Read(ref _count) == 0;

    public override (long Count, long Bytes) Size
    {
        get
        {
            lock (_gate)
                return (_count, Bytes_NeedsLock);
        }
    }

    public override long CapacityEvictions => Volatile.Read(ref _capacityEvictions);

    private long Bytes_NeedsLock => _small.Bytes + _main.Bytes + _ghosts.Bytes;

    public override StampedEntry? Find(string cacheKey) => _slots.TryGetValue(cacheKey, out var slot) ? slot.Entry : null;

    public override StampedEntry? Use(string cacheKey, long now)
    {
        if (!_slots.TryGetValue(cacheKey, out var slot))
            return null;

        slot.NoteUse();
        return slot.Entry;
    }

    public override bool Put(string cacheKey, StampedEntry entry)
    {
        var slot = new S3FifoSlot(cacheKey, entry, entry.SizeWith(cacheKey));
        lock (_gate)
        {
            var queue = Unlink_NeedsLock(cacheKey, slot);
            if (slot.Size > limit)
            {
                _slots.TryRemove(cacheKey, out _);
                return false;
            }

            queue ??= _ghosts.Contains(cacheKey) ? _main : _small;
            while (Bytes_NeedsLock + slot.Size > limit)
                EvictNext_NeedsLock();
            queue.Add(slot);
            Volatile.Write(ref _count, _count + 1);
            _slots[cacheKey] = slot;
            return true;
        }
    }

    public override void Remove(string cacheKey)
    {
        // Nobody else can put this key now: the caller holds its stripe's lock.
        if (!_slots.ContainsKey(cacheKey))
            return;

        lock (_gate)
        {
            Unlink_NeedsLock(cacheKey, null);
            _slots.TryRemove(cacheKey, out _);
        }
    }

    public override void Clear()
    {
        lock (_gate)
        {
            _slots.Clear();
            _small.Clear();
            _main.Clear();
            _ghosts.Clear();
            Volatile.Write(ref _count, 0);
        }
    }

    public override void Dispose() => Clear();

    /// <summary>Takes a key's slot out of its queue and leaves it to be found until the caller replaces or removes it.</summary>
    /// <param name="cacheKey">The key.</param>
    /// <param name="replacement">What takes its place and inherits its uses.</param>
    /// <returns>The queue it was in.</returns>
    private S3FifoQueue? Unlink_NeedsLock(string cacheKey, S3FifoSlot? replacement)
    {
        if (!_slots.TryGetValue(cacheKey, out var slot) || slot.Queue is not { } queue)
            return null;

        queue.Remove(slot);
        Volatile.Write(ref _count, _count - 1);
        if (replacement is not null)
            replacement.Uses = slot.Uses;
        return queue;
    }

    private void EvictNext_NeedsLock()
    {
        for (var passed = 0; ; passed++)
        {
            var slot = _small.First is { } oldest && (_main.First is null || _small.Bytes > limit / SmallShare) ? oldest : _main.First;
            if (slot is null)
            {
                _ghosts.Clear();
                return;
            }

            var isSmall = slot.Queue == _small;
            if (passed == MaxPassedOver || slot.Uses == 0)
            {
                Evict_NeedsLock(slot);
                if (isSmall)
                    _ghosts.Add(slot.CacheKey, (int)Math.Min(int.MaxValue, _count / EntriesPerGhost));
                return;
            }

            slot.Queue!.Remove(slot);
            slot.Uses = isSmall ? 0 : slot.Uses - 1;
            _main.Add(slot);
        }
    }

    private void Evict_NeedsLock(S3FifoSlot slot)
    {
        slot.Queue!.Remove(slot);
        _slots.TryRemove(slot.CacheKey, out _);
        Volatile.Write(ref _count, _count - 1);
        Volatile.Write(ref _capacityEvictions, _capacityEvictions + 1);
    }
}
