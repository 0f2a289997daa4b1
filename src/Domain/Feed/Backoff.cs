namespace Lookup.Domain.Feed;

/// <summary>The pause after consecutive failures.</summary>
internal static class Backoff
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Returns the poll interval, doubled with each failure after the first up to eight times the interval, but at most 5 seconds or one
    /// interval, whichever is longer.
    /// </summary>
    public static TimeSpan After(int failures, TimeSpan interval)
    {
        var pause = interval * (1 << Math.Clamp(failures - 1, 0, 3));
        return pause <= MaxPause ? pause : interval > MaxPause ? interval : MaxPause;
    }
}
