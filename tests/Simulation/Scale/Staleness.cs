namespace Lookup.Simulation.Scale;

/// <summary>The staleness of results at the time they were returned. Results that were not stale count as 0.</summary>
internal sealed class Staleness
{
    private readonly List<long> _stale = [];
    private long _results;
    private bool _isSorted;

    public void Add(long ticks)
    {
        _results++;
        if (ticks <= 0)
            return;

        _stale.Add(ticks);
        _isSorted = false;
    }

    /// <summary>Gets the share of results that were stale.</summary>
    public double Share => _results == 0 ? 0 : (double)_stale.Count / _results;

    public double Greatest => AtRank(1);

    /// <summary>Returns the staleness in seconds that the given share of the stale results does not exceed.</summary>
    public double AtRank(double part)
    {
        if (_stale.Count == 0)
            return 0;

        if (!_isSorted)
            _stale.Sort();
        _isSorted = true;
        return (double)_stale[Math.Min(_stale.Count - 1, (int)(_stale.Count * part))] / TimeSpan.TicksPerSecond;
    }
}
