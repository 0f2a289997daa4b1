using System.Diagnostics.Metrics;
using Lookup.Domain.Stores;
using Lookup.Functions.Resilience;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The counters of the calls to the store, and the times of the last response and the last failure. The statistics and the metrics both
/// read them.
/// </summary>
internal sealed class StoreCounters(LookupMeter meter, StoreGuardOptions options, TimeProvider time)
{
    private static readonly string[] FailureNames =
        [.. Enum.GetNames<UserStoreFailure>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    private readonly Histogram<double> _duration = meter.CreateStoreDuration();
    private readonly long[] _failures = new long[FailureNames.Length];
    private readonly long _origin = time.GetTimestamp();
    private long _count;
    private long _ticks;
    private long _respondedAt = -1;
    private long _failedAt = -1;

    /// <summary>
    /// Gets the time after which a canceled call counts as timed out, as it does for the guard. Calls canceled earlier are not counted.
    /// </summary>
    public TimeSpan AbandonedAfter { get; } = options.AbandonedAfter;

    /// <summary>Gets the number of calls that completed, successfully or not.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Gets the total duration of these calls.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Gets the number of calls that failed, including throttled ones.</summary>
    public long Failures => Enumerable.Range(0, _failures.Length).Sum(i => Interlocked.Read(ref _failures[i]));

    /// <summary>Gets the number of calls for which the store returned 429 until the deadline.</summary>
    public long Throttled => Interlocked.Read(ref _failures[(int)UserStoreFailure.Throttled]);

    /// <summary>Gets the time since the store last responded, or <see langword="null"/> if it never has.</summary>
    public TimeSpan? LastResponseAge => AgeOf(Volatile.Read(ref _respondedAt));

    /// <summary>Gets the time since a call last failed, or <see langword="null"/> if none has.</summary>
    public TimeSpan? LastFailureAge => AgeOf(Volatile.Read(ref _failedAt));

    public static string NameOf(UserStoreFailure failure) => FailureNames[(int)failure];

    public void CountSuccess(string operation, long startedAt)
    {
        Record(time.GetElapsedTime(startedAt), new KeyValuePair<string, object?>("operation", operation), default);
        Volatile.Write(ref _respondedAt, Now);
    }

    public void CountFailure(string operation, long startedAt, UserStoreFailure failure)
    {
        Interlocked.Increment(ref _failures[(int)failure]);
        Record(
            time.GetElapsedTime(startedAt),
            new KeyValuePair<string, object?>("operation", operation),
            new KeyValuePair<string, object?>("error.type", NameOf(failure)));

        // A store that throttles or lags behind is nevertheless reachable.
        if (failure is UserStoreFailure.Throttled or UserStoreFailure.Behind)
            Volatile.Write(ref _respondedAt, Now);
        else if (failure is not (UserStoreFailure.Overloaded or UserStoreFailure.OverBudget))
            Volatile.Write(ref _failedAt, Now);
    }

    private long Now => time.GetElapsedTime(_origin).Ticks;

    private TimeSpan? AgeOf(long at) => at < 0 ? null : TimeSpan.FromTicks(Math.Max(0, Now - at));

    private void Record(TimeSpan elapsed, KeyValuePair<string, object?> operation, KeyValuePair<string, object?> error)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _ticks, elapsed.Ticks);
        if (!_duration.Enabled)
            return;
        if (error.Key is null)
            _duration.Record(elapsed.TotalSeconds, operation);
        else
            _duration.Record(elapsed.TotalSeconds, operation, error);
    }
}
