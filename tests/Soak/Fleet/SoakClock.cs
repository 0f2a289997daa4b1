namespace Lookup.Soak.Fleet;

/// <summary>The monotonic clock that times writes, requests and faults, in ticks of 100 ns.</summary>
internal static class SoakClock
{
    private static readonly long Origin = TimeProvider.System.GetTimestamp();

    public static long Now => TimeProvider.System.GetElapsedTime(Origin).Ticks;
}
