namespace Lookup.Functions.Resilience;

/// <summary>A wall clock that cannot be set: it begins at an arbitrary time and goes on with the monotonic clock.</summary>
/// <remarks>
/// The circuit breaker counts in wall-clock time. With that of the machine, one set back by an hour would keep the circuit open for
/// an hour.
/// </remarks>
internal sealed class MonotonicTime(TimeProvider time) : TimeProvider
{
    private static readonly DateTimeOffset Beginning = DateTimeOffset.UnixEpoch.AddYears(30);

    private readonly long _start = time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Beginning + time.GetElapsedTime(_start);

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
