using System.Runtime.CompilerServices;
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
/// <para>
/// If a key is put again, the dictionary of <see cref="MemoryCache"/> keeps the first string of the key in addition to the last one. Therefore,
/// the key is removed before it is put again. A reader that looks it up in between finds the new entry in <c>_replacement</c>, which is
/// <see langword="null"/> or the current entry of its key:
/// </para>
/// <code>
/// writer of A                    reader of A                            without _replacement
/// sets it to A's new entry
/// removes A
///                                finds no A, and reads _replacement     finds no A, and reads it from the store
/// puts A's new entry
/// </code>
/// </remarks>
internal sealed class MemoryCacheSection(long limit) : EntrySection(limit, NodeBytes + CacheEntryBytes)
{
    /// <summary>The memory of the entry that <see cref="MemoryCache"/> creates for an entry.</summary>
    private const int CacheEntryBytes = 104;

    /// <summary>The share of the entries, least recently used first, that is evicted when the section is full.</summary>
    private const double CompactionShare = 0.05;

    private readonly Lock _gate = new();
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { Clock = StoppedClock.Instance, ExpirationScanFrequency = TimeSpan.MaxValue });
    private Replacement? _replacement;
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
        _cache.TryGetValue(cacheKey, out var found) ? (StampedEntry?)found : FindReplacement(cacheKey);

    public override StampedEntry? Use(string cacheKey, long now)
    {
        var entry = Find(cacheKey);
        entry?.NoteUse(now);
        return entry;
    }

    public override bool Put(string cacheKey, StampedEntry entry)
    {
        var size = SizeOf(cacheKey, entry);
        lock (_gate)
        {
            // The previous entry is removed in any case, because it is older than the one that was just read.
            var replaced = Find(cacheKey);
            var bytes = _bytes + size - (replaced is null ? 0 : SizeOf(cacheKey, replaced));
            if (bytes <= Limit)
            {
                if (replaced is null)
                {
                    Volatile.Write(ref _count, _count + 1);
                }
                else
                {
                    Volatile.Write(ref _replacement, new Replacement(cacheKey, entry));
                    _cache.Remove(cacheKey);
                }

                _cache.Set(cacheKey, entry);
                _bytes = bytes;
                return true;
            }

            if (replaced is not null)
                Remove_NeedsLock(cacheKey, replaced);
        }

        if (size <= Limit)
            _ = CompactAsync(entry);
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
            Volatile.Write(ref _replacement, null);
            _cache.Clear();
            _bytes = 0;
            Volatile.Write(ref _count, 0);
        }
    }

    public override void Dispose() => _cache.Dispose();

    // Not inlined into a hit, which does not need it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private StampedEntry? FindReplacement(string cacheKey) =>
        Volatile.Read(ref _replacement) is { } replacement && replacement.CacheKey == cacheKey ? replacement.Entry : null;

    private void Remove_NeedsLock(string cacheKey, StampedEntry entry)
    {
        if (_replacement?.CacheKey == cacheKey)
            Volatile.Write(ref _replacement, null);
        _cache.Remove(cacheKey);
        _bytes -= SizeOf(cacheKey, entry);
        Volatile.Write(ref _count, _count - 1);
    }

    private async Task CompactAsync(StampedEntry latest)
    {
        if (Interlocked.Exchange(ref _isCompacting, 1) == 1)
            return;

        try
        {
            await Task.Yield(); // outside the stripe's lock, and without delaying the result
            Compact(latest);
        }
        finally
        {
            Volatile.Write(ref _isCompacting, 0);
        }
    }

    private void Compact(StampedEntry latest)
    {
        var candidates = LeastRecentlyUsed(latest, Math.Max(1, (int)(Volatile.Read(ref _count) * CompactionShare)));
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

    /// <summary>Returns the entries that were not used for the longest time.</summary>
    /// <param name="latest">The entry that found no room, with whose time of storing the times of use are compared.</param>
    /// <param name="count">The maximum number of entries.</param>
    private PriorityQueue<(string CacheKey, StampedEntry Entry), uint> LeastRecentlyUsed(StampedEntry latest, int count)
    {
        // The root is the most recently used of the entries picked so far. It is dropped when an older one is found.
        var picked = new PriorityQueue<(string CacheKey, StampedEntry Entry), uint>(count);
        foreach (string cacheKey in _cache.Keys)
        {
            if (Find(cacheKey) is not { } entry)
                continue;
            var unused = entry.UnusedUntil(latest);
            if (picked.Count < count)
                picked.Enqueue((cacheKey, entry), unused);
            else
                picked.EnqueueDequeue((cacheKey, entry), unused);
        }

        return picked;
    }

    /// <summary>The entry that was last put in place of another one.</summary>
    private sealed record Replacement(string CacheKey, StampedEntry Entry);

    /// <summary>A constant clock. Entries record their use and do not expire, so lookups in MemoryCache need no clock.</summary>
    private sealed class StoppedClock : ISystemClock
    {
        public static readonly StoppedClock Instance = new();

        public DateTimeOffset UtcNow => DateTimeOffset.UnixEpoch;
    }
}
