namespace Lookup.Domain.Time;

/// <summary>The coarse clock of the operating system. It accompanies <see cref="TimeProvider.System"/>.</summary>
internal sealed class SystemCoarseClock : ICoarseClock
{
    private SystemCoarseClock()
    {
    }

    // CLOCK_MONOTONIC_COARSE, in milliseconds. It does not read the processor's counter, which is the cost of the exact clocks.
    public long Ticks => Environment.TickCount64 * TimeSpan.TicksPerMillisecond;

    /// <summary>Returns the coarse clock that accompanies the given clocks, or <see langword="null"/> if there is none.</summary>
    public static SystemCoarseClock? For(TimeProvider time)
    {
        // On other systems than Linux, the two monotonic clocks have different sources and drift apart.
        if (!ReferenceEquals(time, TimeProvider.System) || !OperatingSystem.IsLinux())
            return null;

        var clock = new SystemCoarseClock();
        var behind = time.GetElapsedTime(0, time.GetTimestamp()).Ticks - clock.Ticks;
        return Math.Abs(behind) < TimeSpan.TicksPerSecond ? clock : null; // null unless both have the same origin
    }
}
