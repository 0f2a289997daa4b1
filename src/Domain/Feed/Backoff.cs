namespace Lookup.Domain.Feed;

/// <summary>How long to wait after failures in a row.</summary>
internal static class Backoff
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>The poll interval, doubled with each failure up to eight times it, and never beyond 5 seconds or one interval.</summary>
    public static TimeSpan After(int failures, TimeSpan interval)
    {
        var pause = interval * (1 << Math.Clamp(failures - 1, 0, 3));
        return pause <= MaxPause ? pause : interval > MaxPause ? interval : MaxPause;
    }
}
