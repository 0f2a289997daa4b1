namespace Lookup.Functions.Tests.Support;

/// <summary>A clock that goes on with the machine's, and that a test can move on besides: what takes minutes happens at once.</summary>
/// <remarks>Timers are the machine's: one that was started before a skip is not heard any earlier for it.</remarks>
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
