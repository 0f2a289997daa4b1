namespace Lookup.Domain.Time;

/// <summary>The coarse clock of the operating system. It goes with <see cref="TimeProvider.System"/>.</summary>
internal sealed class SystemCoarseClock : ICoarseClock
{
    private SystemCoarseClock()
    {
    }

    // CLOCK_MONOTONIC_COARSE, in milliseconds: it needs no read of the processor's counter, which is what the exact clocks cost.
    public long Ticks => Environment.TickCount64 * TimeSpan.TicksPerMillisecond;

    /// <summary>The coarse clock that goes with the given clocks; <see langword="null"/> where there is none.</summary>
    public static SystemCoarseClock? For(TimeProvider time)
    {
        // Elsewhere than on Linux the two monotonic clocks come from different sources, and drift apart.
        if (!ReferenceEquals(time, TimeProvider.System) || !OperatingSystem.IsLinux())
            return null;

        var clock = new SystemCoarseClock();
        var behind = time.GetElapsedTime(0, time.GetTimestamp()).Ticks - clock.Ticks;
        return Math.Abs(behind) < TimeSpan.TicksPerSecond ? clock : null; // the same origin, as it should be
    }
}
