using System.Diagnostics.Metrics;
using Lookup.Domain.Caching;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The counters of the requests for users and of the age of their results. The statistics and the metrics both read them.
/// </summary>
/// <remarks>These are on the hit path: a hit adds to three cells that other cores rarely write to, and allocates nothing.</remarks>
internal sealed class RequestCounters
{
    public static readonly int Functions = Enum.GetValues<LookupFunction>().Length;
    public static readonly int Outcomes = Enum.GetValues<RequestOutcome>().Length;

    private static readonly double[] UsualBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600];

    private readonly StripedCounters _counts;
    private readonly long[] _boundaries;
    private readonly int _firstBucket = Functions * Outcomes;
    private readonly int _sum;
    private readonly Histogram<double> _staleness;
    private long _maxAge;

    public RequestCounters(UserCacheOptions options, LookupMeter meter)
    {
        // The staleness bound is itself a boundary, so that the results that exceed it can be counted exactly.
        BoundariesSeconds = [.. UsualBoundaries.Append(options.MaxStaleness.TotalSeconds).Distinct().Order()];
        _boundaries = [.. BoundariesSeconds.Select(seconds => TimeSpan.FromSeconds(seconds).Ticks)];
        _sum = _firstBucket + _boundaries.Length + 1;
        _counts = new StripedCounters(_sum + 1);
        _staleness = meter.CreateStaleness(BoundariesSeconds);
    }

    /// <summary>Gets the inclusive upper bounds of the buckets, in seconds. One more bucket lies above the last bound.</summary>
    public IReadOnlyList<double> BoundariesSeconds { get; }

    /// <summary>Gets the maximum age of a result since startup.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromTicks(Volatile.Read(ref _maxAge));

    /// <summary>Gets the sum of the ages of all results.</summary>
    public TimeSpan SumOfStaleness => TimeSpan.FromTicks(_counts.Total(_sum));

    public long Requests(LookupFunction function, RequestOutcome outcome) => _counts.Total(CellOf(function, outcome));

    public long[] StalenessCounts() => [.. Enumerable.Range(_firstBucket, _boundaries.Length + 1).Select(_counts.Total)];

    /// <summary>Counts a request that has a result.</summary>
    public void Count(LookupFunction function, in LookupResult result)
    {
        var outcome = RequestOutcomes.From(result);
        _counts.Increment(CellOf(function, outcome));
        LookupTracing.SetOutcome(outcome);
        if (outcome == RequestOutcome.NotCached)
            return;

        var age = result.Age.Ticks;
        _counts.Increment(_firstBucket + BucketOf(age));
        _counts.Add(_sum, age);
        RaiseMax(age);
        if (_staleness.Enabled)
            _staleness.Record((double)age / TimeSpan.TicksPerSecond);
    }

    /// <summary>Counts a request that has no result.</summary>
    public void CountFailure(LookupFunction function, Exception exception)
    {
        var outcome = RequestOutcomes.From(exception);
        _counts.Increment(CellOf(function, outcome));
        LookupTracing.SetOutcome(outcome);
    }

    private static int CellOf(LookupFunction function, RequestOutcome outcome) => ((int)function * Outcomes) + (int)outcome;

    private int BucketOf(long age)
    {
        var bucket = 0;
        while (bucket < _boundaries.Length && age > _boundaries[bucket])
            bucket++;
        return bucket;
    }

    private void RaiseMax(long age)
    {
        var seen = Volatile.Read(ref _maxAge);
        while (age > seen)
        {
            var before = Interlocked.CompareExchange(ref _maxAge, age, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
