using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Freshness;

public sealed partial class FreshnessTracker
{
    internal Rule LeftOut { get; set; }

    partial void OnCovering(ref FeedEpoch epoch, ref bool covers)
    {
        if (LeftOut == Rule.CoverUnarmed)
            covers = true;
        if (Current.Count == 0)
            return;

        if (LeftOut == Rule.WrongRange && epoch.Range != FeedEpoch.AllRanges)
            covers = (epoch = Current[(epoch.Range + 1) % Current.Count]).IsArmed;
        if (LeftOut == Rule.HintOfOneRange && epoch.Range == FeedEpoch.AllRanges)
            covers = (epoch = Current[0]).IsArmed;
        if (LeftOut == Rule.HintBeforeAllArmed && epoch.Range == FeedEpoch.AllRanges)
            covers = Enumerable.Range(0, Current.Count).Any(range => Current[range].IsArmed);
    }

    partial void OnBegun(FeedEpoch ended, FeedEpoch begun)
    {
        var isKept = LeftOut == Rule.IgnoreEpoch
            || (LeftOut == Rule.GapKeepsHints && ended.Range == FeedEpoch.AllRanges);
        begun.ConfirmsToo = isKept ? ended : null;
    }
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
