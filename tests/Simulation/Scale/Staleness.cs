namespace Lookup.Simulation.Scale;

/// <summary>For how long answers had been out of date when they were given; those that were not count as 0.</summary>
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

    /// <summary>The part of the answers that was out of date.</summary>
    public double Share => _results == 0 ? 0 : (double)_stale.Count / _results;

    public double Greatest => AtRank(1);

    /// <summary>The staleness that a part of the stale answers does not exceed.</summary>
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
