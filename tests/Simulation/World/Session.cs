namespace Lookup.Simulation.World;

/// <summary>
/// The SDK's session container of one process: the place that each range has reached in its responses. It is sent with each read, and the
/// result of the read never reflects an earlier one.
/// </summary>
internal sealed class Session
{
    private readonly List<int> _tokens = [];

    /// <summary>Returns the token of a range, or that of its parent if it has not responded since the split.</summary>
    public int Of(PhysicalRange range)
    {
        var token = 0;
        for (var at = range; at is not null; at = at.Parent)
            token = Math.Max(token, at.Id < _tokens.Count ? _tokens[at.Id] : 0);
        return token;
    }

    public void Raise(PhysicalRange range, int place)
    {
        while (_tokens.Count <= range.Id)
            _tokens.Add(0);
        _tokens[range.Id] = Math.Max(_tokens[range.Id], place);
    }

    /// <summary>Forgets all ranges, as the SDK does after a 404/1002.</summary>
    public void Clear() => _tokens.Clear();
}
