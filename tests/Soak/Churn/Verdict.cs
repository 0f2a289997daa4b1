namespace Lookup.Soak.Churn;

/// <summary>Whether something grew: the medians of the first and the last third of what was sampled after warm-up.</summary>
/// <param name="What">What was sampled.</param>
/// <param name="First">Its median in the first third.</param>
/// <param name="Last">Its median in the last third.</param>
/// <param name="Allowed">The largest <paramref name="Last"/> that is no growth.</param>
internal sealed record Verdict(string What, double First, double Last, double Allowed)
{
    /// <summary>The share of a run that is warm-up: caches fill, code is compiled, pools find their size.</summary>
    private const double WarmUp = 0.2;

    public bool HasGrown => Last > Allowed;

    /// <param name="what">What was sampled.</param>
    /// <param name="samples">All samples, in order.</param>
    /// <param name="share">By which share it may grow,</param>
    /// <param name="more">and by how much more.</param>
    public static Verdict Of(string what, IReadOnlyList<double> samples, double share, double more)
    {
        var counted = samples.Skip((int)(samples.Count * WarmUp)).ToArray();
        var third = Math.Max(1, counted.Length / 3);
        var first = Median(counted.AsSpan(0, Math.Min(third, counted.Length)));
        var last = Median(counted.AsSpan(Math.Max(0, counted.Length - third)));
        return new Verdict(what, first, last, (first * (1 + share)) + more);
    }

    /// <summary>For what may swing as it likes below a limit that is set: the greatest of the first third, and of all.</summary>
    public static Verdict Below(string what, IReadOnlyList<double> samples, double limit) =>
        new(what, samples.Take((samples.Count + 2) / 3).DefaultIfEmpty().Max(), samples.DefaultIfEmpty().Max(), limit);

    /// <summary>All that is looked at; the tolerances are for what a process does that is well.</summary>
    /// <param name="samples">All samples, in order.</param>
    /// <param name="cacheBytes">The size that is set for the cache.</param>
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
            Of("fences", Values(sample => sample.Fences), 0.20, 200),
            Of("reads under way", Values(sample => sample.Flights), 0, 16),
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

/// <summary>What one process had at one moment.</summary>
/// <param name="At">When, in ticks.</param>
/// <param name="ResidentBytes">Memory in use.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Threads.</param>
/// <param name="CacheBytes">What the cache says that it holds.</param>
/// <param name="Fences">Users that the cache protects after an eviction.</param>
/// <param name="Flights">Reads under way.</param>
internal readonly record struct Sample(long At, long ResidentBytes, int Handles, int Threads, long CacheBytes, long Fences, long Flights);
