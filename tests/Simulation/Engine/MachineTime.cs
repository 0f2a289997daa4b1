using Lookup.Domain.Time;

namespace Lookup.Simulation.Engine;

/// <summary>The clocks and timers of the code in an instance.</summary>
internal sealed class MachineTime(Machine machine) : TimeProvider, ICoarseClock
{
    private static readonly DateTimeOffset Origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long Ticks => machine.ReadCoarse();

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => machine.ReadMonotonic();

    public override DateTimeOffset GetUtcNow() => Origin.AddTicks(machine.ReadWall());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new MachineTimer(machine, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
