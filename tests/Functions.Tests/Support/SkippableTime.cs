namespace Lookup.Functions.Tests.Support;

/// <summary>A clock that runs with the system's, and that a test can move forward: a wait of minutes takes no time.</summary>
/// <remarks>Timers are the system's: a skip does not make one that runs already fire earlier.</remarks>
internal sealed class SkippableTime : TimeProvider
{
    private readonly long _start = System.GetTimestamp();
    private readonly DateTimeOffset _origin = System.GetUtcNow();
    private long _skipped;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Skip(TimeSpan time) => Interlocked.Add(ref _skipped, time.Ticks);

    public override long GetTimestamp() => System.GetElapsedTime(_start).Ticks + Interlocked.Read(ref _skipped);

    /// <summary>Wall clock and monotonic clock never differ.</summary>
    public override DateTimeOffset GetUtcNow() => _origin + TimeSpan.FromTicks(GetTimestamp());
}
