namespace Lookup.Simulation.Scale;

/// <summary>What Lookup is compared with: the same lookups, each instance keeping what it read for a fixed time.</summary>
internal sealed class TimeToLiveCache(double timeToLive)
{
    private readonly Dictionary<long, double> _readAt = [];

    public long Reads { get; private set; }

    public Staleness Staleness { get; } = new();

    /// <param name="entry">The user, on one instance.</param>
    /// <param name="now">When it is looked up.</param>
    /// <param name="firstChangeAfter">When the user first changed after a time.</param>
    public void LookUp(long entry, double now, Func<double, double> firstChangeAfter)
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
