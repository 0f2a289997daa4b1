namespace Lookup.Benchmarks.Http.Reporting;

/// <summary>The target for a ratio, and the measured value.</summary>
/// <param name="What">The name of the ratio.</param>
/// <param name="Bound">The target.</param>
/// <param name="Measured">The measured value.</param>
/// <param name="Verdict">
/// Met or missed if the whole interval, widened by the difference between two processes of the bare endpoint, is on one side of the
/// bound; otherwise, inconclusive.
/// </param>
internal sealed record RatioTarget(string What, string Bound, string Measured, string Verdict)
{
    private const string Met = "met";
    private const string Missed = "**missed**";
    private const string Open = "inconclusive";

    public static RatioTarget AtLeast(string what, double bound, Spread measured, double noise = 1)
    {
        var (_, low, high) = measured.Widened(noise);
        return new RatioTarget(what, FormattableString.Invariant($"≥ {bound:0.00}"), measured.ToString(), low >= bound ? Met : high < bound ? Missed : Open);
    }

    public static RatioTarget AtMost(string what, double bound, Spread measured, double noise = 1)
    {
        var (_, low, high) = measured.Widened(noise);
        return new RatioTarget(what, FormattableString.Invariant($"≤ {bound:0.00}"), measured.ToString(), high <= bound ? Met : low > bound ? Missed : Open);
    }

    public static IEnumerable<RatioTarget> Of(Outcome outcome)
    {
        var what = outcome.Scenario.ToString();
        var (noise, cpuNoise) = outcome.Has(Names.Control)
            ? (outcome.Ratio(Names.Control, Names.Bare).FactorFromOne, outcome.CpuRatio(Names.Control, Names.Bare).FactorFromOne)
            : (1, 1);
        if (outcome.Has(Names.Bare) && outcome.Has(Names.Usual))
        {
            yield return AtLeast($"{what}: of the bare endpoint", 0.92, outcome.Ratio(Names.Lookup, Names.Bare), noise);
            yield return AtMost($"{what}: processor time, of the bare endpoint's", 1 / 0.92, outcome.CpuRatio(Names.Lookup, Names.Bare), cpuNoise);
            var ahead = what.Contains("10 KB", StringComparison.Ordinal) ? 1.5 : 1.0;
            yield return AtLeast($"{what}: of the cache-aside sample", ahead, outcome.Ratio(Names.Lookup, Names.Usual), noise);
        }

        if (outcome.Has(Names.Telemetry))
        {
            yield return AtLeast($"{what}: telemetry on, of off", 0.97, outcome.Ratio(Names.Telemetry, Names.Lookup), noise);
            yield return AtMost($"{what}: processor time with telemetry on, of off", 1.03, outcome.CpuRatio(Names.Telemetry, Names.Lookup), cpuNoise);
        }

        if (outcome.Has(Names.Batch))
            yield return AtLeast($"{what}: users/s in batches of 100, of single calls", 10, outcome.Ratio(Names.Batch, Names.Lookup));
    }
}
