using System.Diagnostics.Metrics;
using Lookup.Domain.Caching;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// Counts the requests for users, and how old what they were answered with was. Both the statistics and the metrics are read from here.
/// </summary>
/// <remarks>This is on the way of every hit: three additions to memory that no other core is writing to, and no allocation.</remarks>
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
        // The promise is a boundary of its own: what lies above it can be told for certain.
        BoundariesSeconds = [.. UsualBoundaries.Append(options.MaxStaleness.TotalSeconds).Distinct().Order()];
        _boundaries = [.. BoundariesSeconds.Select(seconds => TimeSpan.FromSeconds(seconds).Ticks)];
        _sum = _firstBucket + _boundaries.Length + 1;
        _counts = new StripedCounters(_sum + 1);
        _staleness = meter.CreateStaleness(BoundariesSeconds);
    }

    /// <summary>Upper bounds of the buckets, in seconds, each of them within its bucket; one more bucket lies above the last.</summary>
    public IReadOnlyList<double> BoundariesSeconds { get; }

    /// <summary>The greatest age of an answer since the start.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromTicks(Volatile.Read(ref _maxAge));

    /// <summary>The sum of the ages of all answers.</summary>
    public TimeSpan SumOfStaleness => TimeSpan.FromTicks(_counts.Total(_sum));

    public long Requests(LookupFunction function, RequestOutcome outcome) => _counts.Total(CellOf(function, outcome));

    public long[] StalenessCounts() => [.. Enumerable.Range(_firstBucket, _boundaries.Length + 1).Select(_counts.Total)];

    /// <summary>Counts a request that was answered.</summary>
    public void Count(LookupFunction function, in LookupResult answer)
    {
        var outcome = RequestOutcomes.Of(answer);
        _counts.Increment(CellOf(function, outcome));
        LookupTracing.Note(outcome);
        if (outcome == RequestOutcome.NotCached)
            return;

        var age = answer.Age.Ticks;
        _counts.Increment(_firstBucket + BucketOf(age));
        _counts.Add(_sum, age);
        RaiseMax(age);
        if (_staleness.Enabled)
            _staleness.Record((double)age / TimeSpan.TicksPerSecond);
    }

    /// <summary>Counts a request that could not be answered.</summary>
    public void CountError(LookupFunction function) => _counts.Increment(CellOf(function, RequestOutcome.Error));

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
