namespace Lookup.Simulation.World;

/// <summary>
/// The SDK's session container of one process: the LSN that each range has reached in its responses. It is sent with each read, and the
/// result of the read never reflects an earlier LSN.
/// </summary>
internal sealed class Session
{
    private readonly List<long> _tokens = [];

    /// <summary>Returns the token of a range, or that of its parent if it has not responded since the split.</summary>
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
