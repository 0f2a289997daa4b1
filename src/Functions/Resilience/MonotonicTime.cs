namespace Lookup.Functions.Resilience;

/// <summary>A wall clock that cannot be set: it starts at an arbitrary time and advances with the monotonic clock.</summary>
/// <remarks>
/// The circuit breaker uses wall-clock time. With the machine's wall clock, setting the clock back by an hour would keep the circuit open
/// for an hour.
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
