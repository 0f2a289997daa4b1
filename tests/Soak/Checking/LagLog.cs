namespace Lookup.Soak.Checking;

/// <summary>When replicas lagged, and by how much at most: until then a change may not be visible to reads and feed.</summary>
internal sealed class LagLog
{
    private readonly Lock _gate = new();
    private volatile Period[] _periods = [];

    /// <summary>Replicas lag from now on; zero ends that.</summary>
    public void Set(long now, TimeSpan lag)
    {
        lock (_gate)
        {
            var periods = _periods;
            if (periods is [.., { Until: long.MaxValue } last])
                periods = [.. periods[..^1], last with { Until = now }];
            _periods = lag == TimeSpan.Zero ? periods : [.. periods, new Period(now, long.MaxValue, lag.Ticks)];
        }
    }

    /// <summary>The greatest lag at any time of a stretch.</summary>
    public long Within(long from, long until)
    {
        var lag = 0L;
        foreach (var period in _periods)
        {
            if (period.From <= until && period.Until >= from)
                lag = Math.Max(lag, period.Lag);
        }

        return lag;
    }

    /// <summary>The earliest moment whose state a read may show that is sent between two times.</summary>
    /// <remarks>
    /// A lag that begins in between counts too: until it began that replica was not read from, so nothing is known of how far it was.
    /// </remarks>
    public long EarliestSeen(long from, long until)
    {
        var earliest = from;
        foreach (var period in _periods)
        {
            if (period.From <= until && period.Until >= from)
                earliest = Math.Min(earliest, Math.Max(period.From, from) - period.Lag);
        }

        return earliest;
    }

    private sealed record Period(long From, long Until, long Lag);
}
