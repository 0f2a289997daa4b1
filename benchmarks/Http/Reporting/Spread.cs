namespace Lookup.Benchmarks.Http.Reporting;

/// <summary>A figure that was measured several times: its median, and between which bounds the true median is.</summary>
/// <param name="Median">The median of what was measured.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
/// <remarks>
/// The bounds are two of the measured values, chosen by the sign test: that the true median is not between them would be a chance of at
/// most one in twenty, whatever the distribution. Fewer than six values cannot say that; then the bounds are the least and the most.
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

    /// <summary>How far the median is from 1, as a factor of 1 or more.</summary>
    public double FactorFromOne => Math.Max(Median, 1 / Median);

    /// <summary>The same with an interval that leaves room for what two processes of one program differ by.</summary>
    public Spread Widened(double factor) => this with { Low = Low / factor, High = High * factor };

    public override string ToString() => FormattableString.Invariant($"{Median:0.00} ({Low:0.00}–{High:0.00})");

    /// <summary>How many values may be left out at each end: each value is above the true median, or below, as a coin falls.</summary>
    private static int SkippedOf(int count)
    {
        var skipped = 0;
        var outcomes = Math.Pow(0.5, count); // the chance that all values are on one side
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
