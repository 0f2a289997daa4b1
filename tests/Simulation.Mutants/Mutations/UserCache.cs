using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Caching;

public sealed partial class UserCache
{
    internal Rule LeftOut
    {
        get;
        set => field = _flights.LeftOut = _reader.LeftOut = value;
    }

    partial void OnJoining(ref long earliest)
    {
        if (LeftOut == Rule.JoinAnyFlight)
            earliest = long.MinValue;
    }
}
