namespace Lookup.Local.Load;

/// <summary>
/// Few users are asked for often and many seldom, as in life: the one at rank r as often as 1/r says (Zipf's law, exponent 1).
/// </summary>
internal sealed class ZipfDistribution
{
    private readonly double[] _upTo;

    /// <param name="count">How many ranks there are: at least 1.</param>
    public ZipfDistribution(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _upTo = new double[count];
        var total = 0.0;
        for (var rank = 1; rank <= count; rank++)
            _upTo[rank - 1] = total += 1.0 / rank;
    }

    /// <summary>Draws a rank.</summary>
    /// <param name="part">A random number from 0, inclusive, to 1, exclusive.</param>
    /// <returns>1, the most frequent, to the count.</returns>
    public int RankAt(double part)
    {
        var found = Array.BinarySearch(_upTo, part * _upTo[^1]);
        return Math.Min(_upTo.Length, (found >= 0 ? found + 1 : ~found) + 1);
    }
}
