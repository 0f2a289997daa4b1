namespace Lookup.HttpBenchmarks.Reporting;

/// <summary>A figure that was measured several times.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    public override string ToString() => FormattableString.Invariant($"{Median:0.00} ({Least:0.00}–{Most:0.00})");
}
