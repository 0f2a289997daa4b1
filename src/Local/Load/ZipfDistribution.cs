namespace Lookup.Local.Load;

/// <summary>
/// A Zipf distribution with exponent 1: the probability of a rank r is proportional to 1/r, so few users are looked up often, and many rarely.
/// </summary>
internal sealed class ZipfDistribution
{
    private readonly double[] _cumulative;

    /// <param name="count">The number of ranks: at least 1.</param>
    public ZipfDistribution(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _cumulative = new double[count];
        var total = 0.0;
        for (var rank = 1; rank <= count; rank++)
            _cumulative[rank - 1] = total += 1.0 / rank;
    }

    /// <summary>Draws a rank.</summary>
    /// <param name="part">A random number from 0, inclusive, to 1, exclusive.</param>
    /// <returns>A rank from 1, the most frequent, to the count.</returns>
    public int RankAt(double part)
    {
        var found = Array.BinarySearch(_cumulative, part * _cumulative[^1]);
        return Math.Min(_cumulative.Length, (found >= 0 ? found + 1 : ~found) + 1);
    }
}
