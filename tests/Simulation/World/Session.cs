namespace Lookup.Simulation.World;

/// <summary>
/// What the SDK's session container of one process knows: up to where each range has answered it. A read carries it along, and is
/// never answered from before it.
/// </summary>
internal sealed class Session
{
    private readonly List<long> _tokens = [];

    /// <summary>The token of a range; that of its parent where it has not answered since the split.</summary>
    public long Of(PhysicalRange range)
    {
        long token = 0;
        for (var at = range; at is not null; at = at.Parent)
            token = Math.Max(token, at.Id < _tokens.Count ? _tokens[at.Id] : 0);
        return token;
    }

    public void Raise(PhysicalRange range, long lsn)
    {
        while (_tokens.Count <= range.Id)
            _tokens.Add(0);
        _tokens[range.Id] = Math.Max(_tokens[range.Id], lsn);
    }
}
