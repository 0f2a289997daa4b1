namespace Lookup.Simulation.Scale;

/// <summary>The cache that Lookup is compared with: the same lookups, with a fixed time to live on each instance.</summary>
/// <param name="timeToLive">The time to live in ticks.</param>
internal sealed class TimeToLiveCache(long timeToLive)
{
    private readonly Dictionary<long, long> _readAt = [];

    public long Reads { get; private set; }

    public Staleness Staleness { get; } = new();

    /// <param name="entry">The user, on one instance.</param>
    /// <param name="now">The time of the lookup.</param>
    /// <param name="firstChangeAfter">A function that returns the time of the first change of the user after a given time.</param>
    public void LookUp(long entry, long now, Func<long, long> firstChangeAfter)
    {
        if (_readAt.TryGetValue(entry, out var readAt) && now - readAt < timeToLive)
        {
            Staleness.Add(now - firstChangeAfter(readAt));
            return;
        }

        Reads++;
        Staleness.Add(0);
        _readAt[entry] = now;
    }
}
