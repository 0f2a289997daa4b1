using Lookup.Domain.Freshness;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace Lookup.Domain.Caching.Entries;

/// <summary>A section backed by <see cref="MemoryCache"/> that evicts the least recently used entries.</summary>
/// <remarks>
/// <para>
/// <see cref="MemoryCache"/> exposes its size only with statistics enabled, and tracking statistics adds about 20% to the cost of a hit. It
/// also does not report which entries it evicts. Therefore, this class tracks the size and selects the least recently used entries itself.
/// All changes are made under one lock, which is taken inside the lock of the key's stripe; no other lock of this project is taken inside
/// it. A hit takes no lock.
/// </para>
/// <code>
/// compaction                     writer of A (stripe of A)              without the lock, or without the second lookup
/// picks A's entry
///                                replaces it
/// finds another: leaves it                                              subtracts the size of the replaced entry again
/// </code>
/// </remarks>
internal sealed class MemoryCacheSection(long limit) : EntrySection(limit)
{
    /// <summary>The share of the entries, least recently used first, that is evicted when the section is full.</summary>
    private const double CompactionShare = 0.05;

    private readonly Lock _gate = new();
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { Clock = StoppedClock.Instance, ExpirationScanFrequency = TimeSpan.MaxValue });
    private long _bytes;
    private long _count;
    private long _capacityEvictions;
    private int _isCompacting;

    public override long CapacityEvictions => Volatile.Read(ref _capacityEvictions);

    public override bool IsEmpty => Volatile.Read(ref _count) == 0;

    public override (long Count, long Bytes) Size
    {
        get
        {
            lock (_gate)
                return (_count, _bytes);
        }
    }

    public override StampedEntry? Find(string cacheKey) =>
        _cache.TryGetValue(cacheKey, out var found) ? (StampedEntry?)found : null;

    public override StampedEntry? Use(string cacheKey, long now)
    {
        var entry = Find(cacheKey);
        entry?.NoteUse(now);
        return entry;
    }

    public override bool Put(string cacheKey, StampedEntry entry)
    {
        var size = entry.SizeWith(cacheKey);
        lock (_gate)
        {
            // The previous entry is removed in any case, because it is older than the one that was just read.
            var replaced = Find(cacheKey);
            var bytes = _bytes + size - (replaced?.SizeWith(cacheKey) ?? 0);
            if (bytes <= Limit)
            {
                _cache.Set(cacheKey, entry);
                _bytes = bytes;
                if (replaced is null)
                    Volatile.Write(ref _count, _count + 1);
                return true;
            }

            if (replaced is not null)
                Remove_NeedsLock(cacheKey, replaced);
        }

        if (size <= Limit)
            _ = CompactAsync();
        return false;
    }

    public override void Remove(string cacheKey)
    {
        // No other thread can put this key now, because the caller holds its stripe's lock.
        if (Find(cacheKey) is null)
            return;

        lock (_gate)
        {
            if (Find(cacheKey) is { } entry)
                Remove_NeedsLock(cacheKey, entry);
        }
    }

    public override void Clear()
    {
        lock (_gate)
        {
            _cache.Clear();
            _bytes = 0;
            Volatile.Write(ref _count, 0);
        }
    }

    public override void Dispose() => _cache.Dispose();

    private void Remove_NeedsLock(string cacheKey, StampedEntry entry)
    {
        _cache.Remove(cacheKey);
        _bytes -= entry.SizeWith(cacheKey);
        Volatile.Write(ref _count, _count - 1);
    }

    private async Task CompactAsync()
    {
        if (Interlocked.Exchange(ref _isCompacting, 1) == 1)
            return;

        try
        {
            await Task.Yield(); // outside the stripe's lock, and without delaying the result
            Compact();
        }
        finally
        {
            Volatile.Write(ref _isCompacting, 0);
        }
    }

    private void Compact()
    {
        var candidates = LeastRecentlyUsed(Math.Max(1, (int)(Volatile.Read(ref _count) * CompactionShare)));
        foreach (var ((cacheKey, picked), _) in candidates.UnorderedItems)
        {
            // The lock is taken for each entry, so that writers wait for one removal and not for all.
            lock (_gate)
            {
                if (!ReferenceEquals(Find(cacheKey), picked))
                    continue;

                Remove_NeedsLock(cacheKey, picked);
                Volatile.Write(ref _capacityEvictions, _capacityEvictions + 1);
            }
        }
    }

    private PriorityQueue<(string CacheKey, StampedEntry Entry), uint> LeastRecentlyUsed(int count)
    {
        // The root is the most recently used of the entries picked so far. It is dropped when an older one is found.
        var picked = new PriorityQueue<(string CacheKey, StampedEntry Entry), uint>(count, Comparer<uint>.Create((one, other) => other.CompareTo(one)));
        foreach (string cacheKey in _cache.Keys)
        {
            if (Find(cacheKey) is not { } entry)
                continue;
            if (picked.Count < count)
                picked.Enqueue((cacheKey, entry), entry.LastUsed);
            else
                picked.EnqueueDequeue((cacheKey, entry), entry.LastUsed);
        }

        return picked;
    }

    /// <summary>A constant clock. Entries record their use and do not expire, so lookups in MemoryCache need no clock.</summary>
    private sealed class StoppedClock : ISystemClock
    {
        public static readonly StoppedClock Instance = new();

        public DateTimeOffset UtcNow => DateTimeOffset.UnixEpoch;
    }
}
