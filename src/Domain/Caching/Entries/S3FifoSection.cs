using System.Collections.Concurrent;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// A section with the S3-FIFO eviction policy (Yang et al., SOSP 2023): a small queue for new entries, a main queue for entries that were
/// used while in the small queue, and a ghost queue of the keys that were not.
/// </summary>
/// <remarks>
/// <para>
/// A hit takes no lock: it looks up the slot and counts a use. All changes of the queues are made under one lock, which is taken inside
/// the lock of the key's stripe. No other lock is taken inside it.
/// </para>
/// <para>
/// Entries are evicted before a new entry is added, never after, so the size limit holds at all times. An evicted entry is removed from
/// the dictionary together with its slot:
/// <code>
/// reader of A                    writer of B (stripe of B)              writer of A (stripe of A)
///                                must evict, and A is next
/// finds A's slot
///                                                                       waits for the section's lock
///                                removes A's slot from both
///                                                                       puts A's new slot into both
/// counts a use of the old slot,
/// returns its entry
/// </code>
/// The reader began before A was replaced, so it may return the old entry. The old slot is in no queue and never returns.
/// </para>
/// </remarks>
internal sealed class S3FifoSection(long limit) : EntrySection(limit, NodeBytes + SlotBytes)
{
    /// <summary>The memory of a slot.</summary>
    private const int SlotBytes = 72;

    /// <summary>The share of the capacity, as a divisor, above which the small queue is evicted first.</summary>
    private const int SmallShare = 10;

    /// <summary>The number of entries for each key in the ghost queue.</summary>
    private const int EntriesPerGhost = 2;

    /// <summary>The maximum number of entries that are skipped in one eviction, so that the lock is not held for a whole queue.</summary>
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
        slot.Entry.NoteUse();
        return slot.Entry;
    }

    public override bool Put(string cacheKey, StampedEntry entry)
    {
        var size = SizeOf(cacheKey, entry);
        lock (_gate)
        {
            // The dictionary keeps the key of the replaced slot. A slot with another string would keep that string in addition.
            var key = _slots.TryGetValue(cacheKey, out var replaced) ? replaced.CacheKey : cacheKey;
            var slot = new S3FifoSlot(key, entry, size);
            var queue = Unlink_NeedsLock(cacheKey, slot);
            if (slot.Size > Limit)
            {
                _slots.TryRemove(cacheKey, out _);
                return false;
            }

            queue ??= _ghosts.Contains(cacheKey) ? _main : _small;
            while (Bytes_NeedsLock + slot.Size > Limit)
                EvictNext_NeedsLock();
            queue.Add(slot);
            Volatile.Write(ref _count, _count + 1);
            _slots[key] = slot;
            return true;
        }
    }

    public override void Remove(string cacheKey)
    {
        // No other thread can put this key now, because the caller holds its stripe's lock.
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

    /// <summary>Removes a key's slot from its queue. It can still be found until the caller replaces or removes it.</summary>
    /// <param name="cacheKey">The key.</param>
    /// <param name="replacement">The slot that takes its place and inherits its uses, if any.</param>
    /// <returns>The queue that contained the slot, or <see langword="null"/> if there was none.</returns>
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
            var slot = _small.First is { } oldest && (_main.First is null || _small.Bytes > Limit / SmallShare) ? oldest : _main.First;
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
