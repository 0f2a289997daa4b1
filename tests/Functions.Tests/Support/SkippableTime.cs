namespace Lookup.Functions.Tests.Support;

/// <summary>A clock that runs with the system clock, and that a test can advance to avoid a wait of minutes.</summary>
/// <remarks>Timers are those of the system: a skip does not make a running timer fire earlier.</remarks>
internal sealed class SkippableTime : TimeProvider
{
    private readonly long _start = System.GetTimestamp();
    private readonly DateTimeOffset _origin = System.GetUtcNow();
    private long _skipped;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Skip(TimeSpan time) => Interlocked.Add(ref _skipped, time.Ticks);

    public override long GetTimestamp() => System.GetElapsedTime(_start).Ticks + Interlocked.Read(ref _skipped);

    /// <summary>Gets the current time, which never differs from the monotonic clock.</summary>
    public override DateTimeOffset GetUtcNow() => _origin + TimeSpan.FromTicks(GetTimestamp());
}
