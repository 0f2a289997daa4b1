using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace Lookup.Domain.Caching;

/// <summary>A <see cref="MemoryCache"/>: the longest unused give way.</summary>
internal sealed class MemoryCacheSection : EntrySection
{
    /// <summary>The part of the entries, longest unused first, that makes room when memory is full.</summary>
    private const double CompactionShare = 0.05;

    /// <summary>As a part of so many entries, rounded down to one: a twentieth of a few large entries would be none.</summary>
    private const double OneEntry = 1.5;

    private readonly MemoryCache _cache;
    private readonly long _limit;
    private long _atMost; // no less than what the entries take
    private int _compacting;
    private long _removed;

    public MemoryCacheSection(long limit, ISystemClock clock)
    {
        _limit = limit;
        _cache = new MemoryCache(new MemoryCacheOptions
        {
            SizeLimit = limit,
            TrackStatistics = true, // the only way to learn the present size
            Clock = clock,
            ExpirationScanFrequency = TimeSpan.MaxValue,
        });
    }

    public override long CapacityEvictions => Volatile.Read(ref _removed);

    public override bool IsEmpty => _cache.Count == 0;

    public override (long Count, long Bytes) Size
    {
        get
        {
            var statistics = _cache.GetCurrentStatistics()!;
            return (statistics.CurrentEntryCount, statistics.CurrentEstimatedSize ?? 0);
        }
    }

    public override CacheEntry? Find(string cacheKey) => _cache.TryGetValue(cacheKey, out var found) ? (CacheEntry?)found : null;

    public override bool Put(string cacheKey, CacheEntry entry)
    {
        var size = entry.SizeWith(cacheKey);
        if (!Fits(size))
        {
            // MemoryCache would refuse as well, and compact on a thread of its own choice. Here it happens on the caller's
            // scheduler. What was there before must go in any case: it is older than what was just read.
            _cache.Remove(cacheKey);
            if (size <= _limit)
                _ = MakeRoomAsync();
            return false;
        }

        using var added = _cache.CreateEntry(cacheKey);
        added.Size = size;
        added.Value = entry;
        return true;
    }

    public override void Remove(string cacheKey) => _cache.Remove(cacheKey);

    public override void Clear() => _cache.Clear();

    public override void Dispose() => _cache.Dispose();

    /// <summary>
    /// Whether there is room for so many bytes more. To ask the cache takes every lock of its dictionary, a thousand of them where
    /// it is large; so it is asked only when all that came in since it was last asked could have filled it.
    /// </summary>
    private bool Fits(long size)
    {
        if (Interlocked.Add(ref _atMost, size) <= _limit)
            return true;

        var needed = Size.Bytes + size;
        Volatile.Write(ref _atMost, needed);
        return needed <= _limit;
    }

    private async Task MakeRoomAsync()
    {
        if (Interlocked.Exchange(ref _compacting, 1) == 1)
            return;

        try
        {
            await Task.Yield(); // not under the stripe's lock, and not in the way of the answer
            var before = _cache.Count;
            _cache.Compact(Math.Max(CompactionShare, OneEntry / Math.Max(1, before)));

            // By the count: a callback for each entry would take memory of every one. Those who write meanwhile blur it a little.
            Volatile.Write(ref _removed, _removed + Math.Max(0, before - _cache.Count));
        }
        finally
        {
            Volatile.Write(ref _compacting, 0);
        }
    }
}
