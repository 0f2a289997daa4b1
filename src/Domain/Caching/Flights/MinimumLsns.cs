namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// The fences of a stripe: for each recently evicted user, the log sequence number (LSN) below which a result cannot reflect the change.
/// The LSNs expire, and above the capacity the oldest are removed first. The session token still protects those users.
/// </summary>
/// <param name="capacity">The capacity, in LSNs of keys of usual length. A longer key counts as several.</param>
/// <param name="windowTicks">The time for which an LSN is kept.</param>
/// <remarks>Not thread-safe. Guarded by the lock of its <see cref="Stripe"/>.</remarks>
internal sealed class MinimumLsns(int capacity, long windowTicks)
{
    /// <summary>The length of a key, in UTF-16 code units, whose text takes about as much memory as the budget has for an LSN.</summary>
    private const int UsualLength = 96;

    private readonly Dictionary<string, (long Lsn, long Until)> _minimums = new(StringComparer.Ordinal);
    private readonly Queue<(string CacheKey, long Until)> _order = new();
    private int _used;

    public int Count => _minimums.Count;

    /// <summary>Returns the minimum LSN of a key, or 0 if it has none.</summary>
    public long Get(string cacheKey, long now) =>
        _minimums.TryGetValue(cacheKey, out var minimum) && minimum.Until >= now ? minimum.Lsn : 0;

    public void Raise(string cacheKey, long lsn, long now)
    {
        if (lsn <= 0 || windowTicks <= 0)
            return;

        var until = now + windowTicks;
        _minimums[cacheKey] = (Math.Max(lsn, Get(cacheKey, now)), until);
        _order.Enqueue((cacheKey, until));
        _used += UnitsOf(cacheKey);
        Trim(now);
    }

    public void Clear()
    {
        _minimums.Clear();
        _order.Clear();
        _used = 0;
    }

    private static int UnitsOf(string cacheKey) => 1 + cacheKey.Length / UsualLength;

    private void Trim(long now)
    {
        // A key can be queued more than once. Only the queue entry whose expiry matches the stored one is current.
        while (_order.TryPeek(out var oldest) && (oldest.Until < now || (_used > capacity && _order.Count > 1)))
        {
            _order.Dequeue();
            _used -= UnitsOf(oldest.CacheKey);
            if (_minimums.TryGetValue(oldest.CacheKey, out var minimum) && minimum.Until == oldest.Until)
                _minimums.Remove(oldest.CacheKey);
        }
    }
}
