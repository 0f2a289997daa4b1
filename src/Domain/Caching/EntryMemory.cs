using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace Lookup.Domain.Caching;

/// <summary>
/// The memory itself: two <see cref="MemoryCache"/>s with a size each, so that a scan of unknown ids cannot push users out.
/// </summary>
/// <remarks>
/// A key is in one of them at most; whoever writes holds the lock of the key's stripe. Entries never expire by time here: whether one
/// may be served is the reader's to judge, and a stale one is still good for a conditional read.
/// </remarks>
internal sealed class EntryMemory : IDisposable
{
    /// <summary>Which part of the size unknown ids may take.</summary>
    private const int NegativeShare = 8;

    private readonly Section _positives;
    private readonly Section _negatives;

    public EntryMemory(long sizeBytes, TimeProvider time)
    {
        var clock = new Clock(time);
        _negatives = new Section(sizeBytes / NegativeShare, clock);
        _positives = new Section(sizeBytes - (sizeBytes / NegativeShare), clock);
    }

    /// <summary>Users, and hints that name some.</summary>
    public (long Count, long Bytes) Positives => _positives.Size;

    /// <summary>Unknown ids, and hints that name nobody.</summary>
    public (long Count, long Bytes) Negatives => _negatives.Size;

    /// <summary>How many were removed to make room.</summary>
    public long CapacityEvictions => _positives.CapacityEvictions + _negatives.CapacityEvictions;

    public bool IsEmpty => _positives.IsEmpty && _negatives.IsEmpty;

    public CacheEntry? Find(string cacheKey) => _positives.Find(cacheKey) ?? _negatives.Find(cacheKey);

    /// <summary>Keeps an entry in place of what was there. Where memory is full the key is left without one, and room is made.</summary>
    public bool Put(string cacheKey, CacheEntry entry)
    {
        var (home, other) = entry.IsNegative ? (_negatives, _positives) : (_positives, _negatives);
        other.Remove(cacheKey);
        return home.Put(cacheKey, entry);
    }

    public void Remove(string cacheKey)
    {
        _positives.Remove(cacheKey);
        _negatives.Remove(cacheKey);
    }

    public void RemovePositive(string cacheKey) => _positives.Remove(cacheKey);

    public void Clear()
    {
        _positives.Clear();
        _negatives.Clear();
    }

    public void Dispose()
    {
        _positives.Dispose();
        _negatives.Dispose();
    }

    /// <summary>The cache's clock orders entries by their last use; it decides nothing about freshness.</summary>
    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }

    private sealed class Section : IDisposable
    {
        /// <summary>The part of the entries, longest unused first, that makes room when memory is full.</summary>
        private const double CompactionShare = 0.05;

        /// <summary>As a part of so many entries, rounded down to one: a twentieth of a few large entries would be none.</summary>
        private const double OneEntry = 1.5;

        private readonly MemoryCache _cache;
        private readonly long _limit;
        private int _compacting;
        private long _removed;

        public Section(long limit, ISystemClock clock)
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

        public long CapacityEvictions => Volatile.Read(ref _removed);

        public bool IsEmpty => _cache.Count == 0;

        public (long Count, long Bytes) Size
        {
            get
            {
                var statistics = _cache.GetCurrentStatistics()!;
                return (statistics.CurrentEntryCount, statistics.CurrentEstimatedSize ?? 0);
            }
        }

        public CacheEntry? Find(string cacheKey) => _cache.TryGetValue(cacheKey, out var found) ? (CacheEntry?)found : null;

        public bool Put(string cacheKey, CacheEntry entry)
        {
            var size = entry.SizeWith(cacheKey);
            if (Size.Bytes + size > _limit)
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

        public void Remove(string cacheKey) => _cache.Remove(cacheKey);

        public void Clear() => _cache.Clear();

        public void Dispose() => _cache.Dispose();

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
}
