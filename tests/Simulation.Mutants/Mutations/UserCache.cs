using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Caching;

public sealed partial class UserCache
{
    internal Rule LeftOut
    {
        get;
        set => field = _flights.LeftOut = _reader.LeftOut = value;
    }

    partial void OnApplying(bool[]? isLast)
    {
        if (LeftOut == Rule.UpdateByFirst && isLast is not null)
            Array.Reverse(isLast);
    }

    partial void OnEvictingHints(EvictionOutcome outcome, ref bool evicts) =>
        evicts &= LeftOut != Rule.KeepHintsOfKept || outcome != EvictionOutcome.Kept;

    partial void OnCounting(StampedEntry entry, ref bool counts)
    {
        counts |= LeftOut == Rule.CountEveryHit;
        if (!counts || LeftOut != Rule.SaveForAllRanges)
            return;

        for (var range = 0; range < _freshness.Current.Count; range++)
        {
            if (range != entry.Epoch?.Range)
                _freshness.Current[range].Account.AddSaved(_clock.Now, PriceOf(entry));
        }
    }

    partial void OnJoining(ref long earliest)
    {
        if (LeftOut == Rule.JoinAnyFlight)
            earliest = long.MinValue;
    }
}
