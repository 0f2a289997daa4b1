namespace Lookup.HttpBenchmarks.Reporting;

/// <summary>What a ratio should be, and what it is.</summary>
internal sealed record Aim(string What, string Bound, string Measured, bool IsMet)
{
    public static Aim AtLeast(string what, double bound, Spread measured) =>
        new(what, FormattableString.Invariant($"≥ {bound:0.00}"), measured.ToString(), measured.Median >= bound);

    public static Aim AtMost(string what, double bound, Spread measured) =>
        new(what, FormattableString.Invariant($"≤ {bound:0.00}"), measured.ToString(), measured.Median <= bound);

    public static IEnumerable<Aim> Of(Outcome outcome)
    {
        var what = outcome.Scenario.ToString();
        if (outcome.Has(Names.Bare) && outcome.Has(Names.Usual))
        {
            yield return AtLeast($"{what}: of the bare endpoint", 0.92, outcome.Ratio(Names.Lookup, Names.Bare));
            var ahead = what.Contains("10 KB", StringComparison.Ordinal) ? 1.5 : 1.0;
            yield return AtLeast($"{what}: of the usual sample", ahead, outcome.Ratio(Names.Lookup, Names.Usual));
        }

        if (outcome.Has(Names.Telemetry))
            yield return AtLeast($"{what}: telemetry on, of off", 0.97, outcome.Ratio(Names.Telemetry, Names.Lookup));
        if (outcome.Has(Names.Batch))
            yield return AtLeast($"{what}: users/s in batches of 100, of single calls", 10, outcome.Ratio(Names.Batch, Names.Lookup));
    }
}
