namespace Lookup.Simulation.Scale;

/// <summary>The clock of all instances. It is set to the time of each event, and never goes back for one instance.</summary>
internal sealed class FleetTime : TimeProvider
{
    public long Ticks { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Ticks);
}
