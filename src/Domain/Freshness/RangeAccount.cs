namespace Lookup.Domain.Freshness;

/// <summary>
/// What the lookups of one feed range cost, and what the feed saves them, in request units. The balance is what polls of the range may still
/// cost.
/// </summary>
/// <remarks>
/// Reads and polls together must not cost more than <see cref="MaxCost"/> times what the same lookups would cost without the feed: each
/// entry would be read again <see cref="FreshnessTracker.MaxStaleness"/> after its last read. Each read raises the balance by a tenth of its
/// charge, and each read that the feed saves by 1.1 times its price. A poll lowers the balance by its charge, and so does a read that would not
/// have been necessary without the feed.
/// <para>Thread-safe. It is used for each read and at most once per staleness bound for each entry, not for each hit.</para>
/// </remarks>
/// <param name="maxStaleness">The staleness bound, in ticks.</param>
internal sealed class RangeAccount(long maxStaleness)
{
    /// <summary>The maximum cost of reads and polls, as a multiple of the cost without the feed.</summary>
    public const double MaxCost = 1.1;

    private readonly Lock _gate = new();
    private readonly SlidingSum _rent = new(maxStaleness);
    private readonly SlidingSum _saved = new(2 * maxStaleness);
    private readonly SlidingSum _demand = new(2 * maxStaleness);
    private double _balance;
    private double _totalSaved;
    private long _usedAt = FeedEpoch.Never;

    /// <summary>Gets the request units that polls may still cost.</summary>
    public double Balance
    {
        get
        {
            lock (_gate)
                return _balance;
        }
    }

    /// <summary>Gets the request units of all reads that the feed has saved.</summary>
    public double TotalSaved
    {
        get
        {
            lock (_gate)
                return _totalSaved;
        }
    }

    /// <summary>Records a read.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="charge">The charge of the read.</param>
    /// <param name="isRent">A value that indicates whether following the range would have saved the read, or would save its repetition.</param>
    /// <param name="isLost">
    /// A value that indicates whether the read is a cost of the feed: its entry would still be fresh if the feed had not evicted it. Then it
    /// earns nothing, and is charged separately (<see cref="Pay"/>).
    /// </param>
    public void AddRead(long now, double charge, bool isRent, bool isLost)
    {
        lock (_gate)
        {
            _balance += isLost ? 0 : (MaxCost - 1) * charge;
            Use_NeedsLock(now, charge);
            if (isRent)
                _rent.Add(now, charge);
        }
    }

    /// <summary>Records that an entry was served without a read only because the feed confirmed it.</summary>
    public void AddSaved(long now, double price)
    {
        lock (_gate)
        {
            _totalSaved += price;
            _balance += MaxCost * price;
            _saved.Add(now, price);
            Use_NeedsLock(now, price);
        }
    }

    /// <summary>Records the cost of a poll, or of a read that a poll has caused; if negative, the return of what was paid in advance.</summary>
    public void Pay(double charge)
    {
        lock (_gate)
            _balance -= charge;
    }

    /// <summary>Records a read that a poll could have saved, before it is sent.</summary>
    public void AddRent(long now, double price)
    {
        lock (_gate)
            _rent.Add(now, price);
    }

    /// <summary>Returns the cost of the reads within the staleness bound that a poll could have saved.</summary>
    public double RentAt(long now)
    {
        lock (_gate)
            return _rent.At(now);
    }

    /// <summary>Resets the rent after a poll was paid for.</summary>
    public void ClearRent()
    {
        lock (_gate)
            _rent.Clear();
    }

    /// <summary>Returns what the feed saves, in request units per second, on average over twice the staleness bound.</summary>
    public double SavedPerSecond(long now)
    {
        lock (_gate)
            return PerSecond(_saved.At(now));
    }

    /// <summary>Returns what lookups would cost without the feed, in request units per second, on average over twice the staleness bound.</summary>
    public double DemandPerSecond(long now)
    {
        lock (_gate)
            return PerSecond(_demand.At(now));
    }

    /// <summary>Determines whether there were lookups not long ago: within a time, or within twice the staleness bound if that is longer.</summary>
    public bool IsRequested(long now, TimeSpan within)
    {
        lock (_gate)
            return now - _usedAt <= Math.Max(within.Ticks, 2 * maxStaleness);
    }

    private double PerSecond(double sum) => sum * TimeSpan.TicksPerSecond / (2 * maxStaleness);

    private void Use_NeedsLock(long now, double price)
    {
        _demand.Add(now, price);
        _usedAt = Math.Max(_usedAt, now);
    }
}
