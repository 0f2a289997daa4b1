using Lookup.Domain.Diagnostics;
using Lookup.Domain.Feed;

namespace Lookup.Domain.Caching;

/// <summary>The counters of a <see cref="UserCache"/>. All counters are monotonic.</summary>
internal sealed class CacheCounters
{
    private readonly StripedCounter[] _evictions = [new(), new(), new()];

    public ThreadCounter Hits { get; } = new();

    public StripedCounter Misses { get; } = new();

    public StripedCounter Stale { get; } = new();

    public StripedCounter Requested { get; } = new();

    public StripedCounter Revalidated { get; } = new();

    public StripedCounter Collapsed { get; } = new();

    public StripedCounter ServedStale { get; } = new();

    public StripedCounter Failures { get; } = new();

    public StripedCounter StoreReads { get; } = new();

    public StripedCounter StoreQueries { get; } = new();

    public StripedCounter BehindReads { get; } = new();

    public StripedCounter TooLarge { get; } = new();

    public StripedCounter Updated { get; } = new();

    public StripedCounter Kept { get; } = new();

    /// <summary>Gets the cost of all reads and queries, in request units.</summary>
    public double Charge => PointRead.Total + UserInBatch.Total + Query.Total;

    /// <summary>Gets the average cost of a point read.</summary>
    public AverageCharge PointRead { get; } = new(1);

    /// <summary>Gets the average cost of each user in a read of several.</summary>
    public AverageCharge UserInBatch { get; } = new(1);

    /// <summary>Gets the average cost of a query by alternate key.</summary>
    public AverageCharge Query { get; } = new(3);

    public void AddEviction(EvictionSource source) => _evictions[(int)source].Increment();

    public long Evictions(EvictionSource source) => _evictions[(int)source].Total;
}
