namespace Lookup.Soak.Small;

/// <summary>The latencies of requests that one client sent one after the other.</summary>
internal sealed class Latencies
{
    private readonly List<long> _ticks = [];

    /// <summary>Gets the number of requests.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the number of requests that were not served, by the status of the response; 0 if there was none.</summary>
    public SortedDictionary<int, int> Failed { get; } = [];

    /// <summary>
    /// Adds a latency. A client that waits for a response does not send the requests that become due in the meantime; they are added with the time
    /// that they would have waited.
    /// </summary>
    /// <param name="ticks">The latency.</param>
    /// <param name="interval">The interval at which the client intends to send such requests.</param>
    /// <param name="status">The status of the response, or 0 if there was none.</param>
    public void Add(long ticks, long interval, int status)
    {
        Count++;
        if (status != 200)
            Failed[status] = Failed.GetValueOrDefault(status) + 1;
        _ticks.Add(ticks);
        while ((ticks -= interval) > 0)
            _ticks.Add(ticks);
    }

    /// <summary>Returns a percentile, or zero if there is no latency.</summary>
    public TimeSpan Percentile(double share)
    {
        if (_ticks.Count == 0)
            return TimeSpan.Zero;
        _ticks.Sort();
        return TimeSpan.FromTicks(_ticks[(int)Math.Ceiling(share * _ticks.Count) - 1]);
    }
}
