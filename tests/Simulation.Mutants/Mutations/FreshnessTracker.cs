using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Freshness;

public sealed partial class FreshnessTracker
{
    internal Rule LeftOut { get; set; }

    partial void OnCovering(ref bool covers) => covers |= LeftOut == Rule.CoverUnarmed;

    partial void OnBegun(FeedEpoch ended, FeedEpoch begun) => begun.ConfirmsToo = LeftOut == Rule.IgnoreEpoch ? ended : null;
}

internal sealed partial class FeedEpoch
{
    public FeedEpoch? ConfirmsToo { get; set; }

    partial void OnConfirmed(long at)
    {
        for (var epoch = ConfirmsToo; epoch is not null; epoch = epoch.ConfirmsToo)
            Volatile.Write(ref epoch._confirmedAt, at);
    }
}
