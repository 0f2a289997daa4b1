namespace Lookup.Soak.Churn;

/// <summary>A verdict on growth, from the medians of the first and the last third of the samples after warm-up.</summary>
/// <param name="What">The name of the sampled quantity.</param>
/// <param name="First">The median of the first third.</param>
/// <param name="Last">The median of the last third.</param>
/// <param name="Allowed">The largest <paramref name="Last"/> that does not count as growth.</param>
internal sealed record Verdict(string What, double First, double Last, double Allowed)
{
    /// <summary>The share of a run that is warm-up: caches fill, code is compiled, pools find their size.</summary>
    private const double WarmUp = 0.2;

    public bool HasGrown => Last > Allowed;

    /// <param name="what">The name of the sampled quantity.</param>
    /// <param name="samples">All samples, in order.</param>
    /// <param name="share">The relative growth that is allowed.</param>
    /// <param name="more">The absolute growth that is allowed in addition.</param>
    public static Verdict Of(string what, IReadOnlyList<double> samples, double share, double more)
    {
        var counted = samples.Skip((int)(samples.Count * WarmUp)).ToArray();
        var third = Math.Max(1, counted.Length / 3);
        var first = Median(counted.AsSpan(0, Math.Min(third, counted.Length)));
        var last = Median(counted.AsSpan(Math.Max(0, counted.Length - third)));
        return new Verdict(what, first, last, (first * (1 + share)) + more);
    }

    /// <summary>Compares a quantity that may vary freely below a limit: the greatest sample of the first third, and of all.</summary>
    public static Verdict Below(string what, IReadOnlyList<double> samples, double limit) =>
        new(what, samples.Take((samples.Count + 2) / 3).DefaultIfEmpty().Max(), samples.DefaultIfEmpty().Max(), limit);

    /// <summary>Returns the verdicts on all sampled quantities. The tolerances allow for the variation of a healthy process.</summary>
    /// <param name="samples">All samples, in order.</param>
    /// <param name="cacheBytes">The configured size of the cache.</param>
    public static IReadOnlyList<Verdict> OfAll(IReadOnlyList<Sample> samples, long cacheBytes)
    {
        const double Mebibyte = 1 << 20;
        IReadOnlyList<double> Values(Func<Sample, double> value) => [.. samples.Select(value)];
        return
        [
            Of("resident memory, MiB", Values(sample => sample.ResidentBytes / Mebibyte), 0.10, 8),
            Of("open handles", Values(sample => sample.Handles), 0.05, 16),
            Of("threads", Values(sample => sample.Threads), 0, 8),
            Below("cache at its fullest, MiB", Values(sample => sample.CacheBytes / Mebibyte), cacheBytes / Mebibyte),
            Of("known LSNs, KiB", Values(sample => sample.LsnBytes / 1024.0), 0, 0),
            Of("reads in flight", Values(sample => sample.Flights), 0, 16),
        ];
    }

    private static double Median(Span<double> values)
    {
        if (values.IsEmpty)
            return 0;
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }
}

/// <summary>A sample of the resources of one process.</summary>
/// <param name="At">The time of the sample, in ticks.</param>
/// <param name="ResidentBytes">Memory in use.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Threads.</param>
/// <param name="CacheBytes">The size that the cache reports.</param>
/// <param name="LsnBytes">The memory of the known LSNs.</param>
/// <param name="Flights">Reads in flight.</param>
internal readonly record struct Sample(long At, long ResidentBytes, int Handles, int Threads, long CacheBytes, long LsnBytes, long Flights);
