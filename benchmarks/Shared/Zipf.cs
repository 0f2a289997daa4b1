namespace Lookup.Benchmarks.Shared;

/// <summary>Zipf's law: of a number of users, the one at rank r is looked up in proportion to 1/r^exponent.</summary>
public sealed class Zipf
{
    private readonly double[] _upTo;

    /// <param name="count">The number of ranks: at least 1.</param>
    /// <param name="exponent">The exponent.</param>
    public Zipf(int count, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _upTo = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
            _upTo[i] = sum += Math.Pow(i + 1, -exponent);
    }

    /// <summary>Draws a rank.</summary>
    /// <param name="random">A random number from 0, inclusive, to 1, exclusive.</param>
    /// <returns>0, the most frequent, to the count, exclusive.</returns>
    public int RankAt(double random)
    {
        var found = Array.BinarySearch(_upTo, random * _upTo[^1]);
        return Math.Min(found < 0 ? ~found : found, _upTo.Length - 1);
    }
}
