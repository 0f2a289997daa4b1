namespace Lookup.Benchmarks.Load;

/// <summary>The results of one step at a constant rate.</summary>
internal sealed record Step
{
    /// <summary>The maximum 99th percentile of a held step, in milliseconds. Nearly all requests must also complete in time.</summary>
    public const double MaxP99 = 50;

    private const double MinInTime = 0.995;

    public required string Name { get; init; }

    /// <summary>Gets the rate of due requests, per second.</summary>
    public required double Rate { get; init; }

    /// <summary>Gets the tally of each second.</summary>
    public required IReadOnlyList<Tally> Seconds { get; init; }

    /// <summary>Gets the working set of the service at the end, in MiB.</summary>
    public required double Memory { get; init; }

    /// <summary>Gets the number of cores that the service kept busy.</summary>
    public required double Cores { get; init; }

    /// <summary>Gets the idle share of the generator's pacing thread.</summary>
    public required double GeneratorIdle { get; init; }

    /// <summary>Gets the rate of responses that arrived within a second, per second.</summary>
    public double Goodput => (double)Sum(tally => tally.InTime) / Seconds.Count;

    public bool IsHeld => Sum(tally => tally.InTime) >= MinInTime * Sum(tally => tally.Total) && Percentile(0.99) <= MaxP99;

    public double Share(Outcome outcome) => (double)Sum(tally => tally[outcome]) / Math.Max(1, Sum(tally => tally.Total));

    public double Percentile(double share) => Merge(tally => tally.Answered).Percentile(share);

    public double Percentile(RequestKind kind, double share) => Merge(tally => tally.AnsweredOf(kind)).Percentile(share);

    public double ShedPercentile(double share) => Merge(tally => tally.Shed).Percentile(share);

    /// <summary>Determines whether one second by itself was held.</summary>
    public static bool IsSecondHeld(Tally second) =>
        second.InTime >= MinInTime * second.Total && second.Answered.Percentile(0.99) <= MaxP99;

    private long Sum(Func<Tally, long> of) => Seconds.Sum(of);

    private LatencyHistogram Merge(Func<Tally, LatencyHistogram> of)
    {
        var merged = new LatencyHistogram();
        foreach (var second in Seconds)
            merged.Add(of(second));
        return merged;
    }
}
