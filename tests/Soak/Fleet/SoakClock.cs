namespace Lookup.Soak.Fleet;

/// <summary>The one monotonic clock that writes, requests and faults are timed by: ticks of 100 ns.</summary>
internal static class SoakClock
{
    private static readonly long Origin = TimeProvider.System.GetTimestamp();

    public static long Now => TimeProvider.System.GetElapsedTime(Origin).Ticks;
}
