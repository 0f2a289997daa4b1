namespace Lookup.Benchmarks.Http.Reporting;

/// <summary>A quantity that was measured several times: its median, and the confidence bounds of the true median.</summary>
/// <param name="Median">The median of the measured values.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
/// <remarks>
/// The bounds are two of the measured values, chosen by the sign test: the probability that the true median is outside them is at most
/// 5 %, for any distribution. That is not possible with fewer than six values; then the bounds are the minimum and the maximum.
/// </remarks>
internal readonly record struct Spread(double Median, double Low, double High)
{
    private const double Doubt = 0.05;

    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        var skipped = SkippedOf(sorted.Length);
        return new Spread(median, sorted[skipped], sorted[^(skipped + 1)]);
    }

    /// <summary>Gets the distance of the median from 1, as a factor of 1 or more.</summary>
    public double FactorFromOne => Math.Max(Median, 1 / Median);

    /// <summary>Returns the spread with an interval widened by the difference between two processes of the same program.</summary>
    public Spread Widened(double factor) => this with { Low = Low / factor, High = High * factor };

    public override string ToString() => FormattableString.Invariant($"{Median:0.00} ({Low:0.00}–{High:0.00})");

    /// <summary>Returns the number of values to omit at each end. Each value is above or below the true median with probability 1/2.</summary>
    private static int SkippedOf(int count)
    {
        var skipped = 0;
        var outcomes = Math.Pow(0.5, count); // the probability that all values are on one side
        var outside = outcomes;
        while (true)
        {
            outcomes *= (double)(count - skipped) / (skipped + 1);
            outside += outcomes;
            if (2 * outside > Doubt)
                return skipped;
            skipped++;
        }
    }
}
