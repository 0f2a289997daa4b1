using System.Diagnostics.Metrics;
using Lookup.Domain.Stores;
using Lookup.Functions.Resilience;

namespace Lookup.Functions.Telemetry;

/// <summary>Counts the calls of the store, and remembers how the last ones ended. Both statistics and metrics are read from here.</summary>
internal sealed class StoreCounters(LookupMeter meter, StoreGuardOptions options, TimeProvider time)
{
    private static readonly string[] FailureNames =
        [.. Enum.GetNames<UserStoreFailure>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    private readonly Histogram<double> _duration = meter.CreateStoreDuration();
    private readonly long[] _failures = new long[FailureNames.Length];
    private readonly long _origin = time.GetTimestamp();
    private long _count;
    private long _ticks;
    private long _answeredAt = -1;
    private long _failedAt = -1;

    /// <summary>A call that is cancelled after this long counts as timed out, as it does for the guard; before it, it says nothing.</summary>
    public TimeSpan Patience { get; } = options.Patience;

    /// <summary>Calls that came back, with an answer or a failure.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>How long these took together.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Calls that failed, throttled ones among them.</summary>
    public long Failures => Enumerable.Range(0, _failures.Length).Sum(i => Interlocked.Read(ref _failures[i]));

    /// <summary>Calls that the store answered with 429 until the deadline.</summary>
    public long Throttled => Interlocked.Read(ref _failures[(int)UserStoreFailure.Throttled]);

    /// <summary>How long ago a call was last answered; <see langword="null"/> where none ever was.</summary>
    public TimeSpan? AnsweredAge => AgeOf(Volatile.Read(ref _answeredAt));

    /// <summary>How long ago a call last failed; <see langword="null"/> where none ever did.</summary>
    public TimeSpan? FailedAge => AgeOf(Volatile.Read(ref _failedAt));

    public static string NameOf(UserStoreFailure failure) => FailureNames[(int)failure];

    public void Answered(string operation, long startedAt)
    {
        Took(time.GetElapsedTime(startedAt), new KeyValuePair<string, object?>("operation", operation), default);
        Volatile.Write(ref _answeredAt, Now);
    }

    public void Failed(string operation, long startedAt, UserStoreFailure failure)
    {
        Interlocked.Increment(ref _failures[(int)failure]);
        Took(
            time.GetElapsedTime(startedAt),
            new KeyValuePair<string, object?>("operation", operation),
            new KeyValuePair<string, object?>("error.type", NameOf(failure)));

        // A store that throttles, or is behind, is there all the same.
        if (failure is UserStoreFailure.Throttled or UserStoreFailure.Behind)
            Volatile.Write(ref _answeredAt, Now);
        else if (failure != UserStoreFailure.Overloaded)
            Volatile.Write(ref _failedAt, Now);
    }

    private long Now => time.GetElapsedTime(_origin).Ticks;

    private TimeSpan? AgeOf(long at) => at < 0 ? null : TimeSpan.FromTicks(Math.Max(0, Now - at));

    private void Took(TimeSpan elapsed, KeyValuePair<string, object?> operation, KeyValuePair<string, object?> error)
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
