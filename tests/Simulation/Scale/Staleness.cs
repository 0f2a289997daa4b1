namespace Lookup.Simulation.Scale;

/// <summary>The staleness of results at the time they were returned. Results that were not stale count as 0.</summary>
internal sealed class Staleness
{
    private readonly List<double> _stale = [];
    private long _results;
    private bool _isSorted;

    public void Add(double seconds)
    {
        _results++;
        if (seconds <= 0)
            return;

        _stale.Add(seconds);
        _isSorted = false;
    }

    /// <summary>Gets the share of results that were stale.</summary>
    public double Share => _results == 0 ? 0 : (double)_stale.Count / _results;

    public double Greatest => AtRank(1);

    /// <summary>Returns the staleness that the given share of the stale results does not exceed.</summary>
    public double AtRank(double part)
    {
        if (_stale.Count == 0)
            return 0;

        if (!_isSorted)
            _stale.Sort();
        _isSorted = true;
        return _stale[Math.Min(_stale.Count - 1, (int)(_stale.Count * part))];
    }
}
