namespace Lookup.Benchmarks.Load;

/// <summary>What was seen at one rate.</summary>
internal sealed record Step
{
    /// <summary>A step is held where nearly all were answered in time, and 99 in 100 within this, in milliseconds.</summary>
    public const double MaxP99 = 50;

    private const double MinInTime = 0.995;

    public required string Name { get; init; }

    /// <summary>Requests a second that were due.</summary>
    public required double Rate { get; init; }

    /// <summary>Each second on its own.</summary>
    public required IReadOnlyList<Tally> Seconds { get; init; }

    /// <summary>The service's, at the end, in MiB.</summary>
    public required double Memory { get; init; }

    /// <summary>How many cores the service kept busy.</summary>
    public required double Cores { get; init; }

    /// <summary>How much of the time the generator's pacing had nothing to do.</summary>
    public required double GeneratorIdle { get; init; }

    /// <summary>Answers a second that came within a second.</summary>
    public double Goodput => (double)Sum(tally => tally.InTime) / Seconds.Count;

    public bool IsHeld => Sum(tally => tally.InTime) >= MinInTime * Sum(tally => tally.Total) && Percentile(0.99) <= MaxP99;

    public double Share(Outcome outcome) => (double)Sum(tally => tally[outcome]) / Math.Max(1, Sum(tally => tally.Total));

    public double Percentile(double share) => Merge(tally => tally.Answered).Percentile(share);

    public double Percentile(RequestKind kind, double share) => Merge(tally => tally.AnsweredOf(kind)).Percentile(share);

    public double ShedPercentile(double share) => Merge(tally => tally.Shed).Percentile(share);

    /// <summary>Whether one second by itself was held.</summary>
    public static bool IsWell(Tally second) =>
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
