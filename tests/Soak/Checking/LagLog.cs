namespace Lookup.Soak.Checking;

/// <summary>A log of replica lags and their upper bounds. A change may be invisible to reads and the feed until then.</summary>
internal sealed class LagLog
{
    private readonly Lock _gate = new();
    private volatile Period[] _periods = [];

    /// <summary>Records that replicas lag from now on, or that they no longer lag if the lag is zero.</summary>
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

    /// <summary>Returns the greatest lag at any time in an interval.</summary>
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

    /// <summary>Returns the earliest time whose state may be returned by a read that is sent between two times.</summary>
    /// <remarks>
    /// A lag that begins in between counts too. The lagging replica was not read from before, so its position until then is unknown.
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
