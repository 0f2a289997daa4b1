namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// For each user evicted a short while ago, the log sequence number below which an answer cannot reflect the change.
/// Bounded in time and in number; past the bound the oldest go first, and the session token still protects.
/// </summary>
/// <remarks>Not safe for concurrent use: it belongs to a <see cref="Stripe"/> and its lock.</remarks>
internal sealed class MinimumLsns(int capacity, long windowTicks)
{
    private readonly Dictionary<string, (long Lsn, long Until)> _minimums = new(StringComparer.Ordinal);
    private readonly Queue<(string CacheKey, long Until)> _order = new();

    public int Count => _minimums.Count;

    /// <summary>The floor of a key; 0 where it has none.</summary>
    public long Get(string cacheKey, long now) =>
        _minimums.TryGetValue(cacheKey, out var minimum) && minimum.Until >= now ? minimum.Lsn : 0;

    public void Raise(string cacheKey, long lsn, long now)
    {
        if (lsn <= 0 || windowTicks <= 0)
            return;

        var until = now + windowTicks;
        _minimums[cacheKey] = (Math.Max(lsn, Get(cacheKey, now)), until);
        _order.Enqueue((cacheKey, until));
        Trim(now);
    }

    public void Clear()
    {
        _minimums.Clear();
        _order.Clear();
    }

    private void Trim(long now)
    {
        // The queue may name a key twice; only the naming that matches the key's present time speaks for it.
        while (_order.TryPeek(out var oldest) && (oldest.Until < now || _order.Count > capacity))
        {
            _order.Dequeue();
            if (_minimums.TryGetValue(oldest.CacheKey, out var minimum) && minimum.Until == oldest.Until)
                _minimums.Remove(oldest.CacheKey);
        }
    }
}
