using System.Numerics;

namespace Lookup.Benchmarks.Load;

/// <summary>A thread-safe histogram of latencies from a microsecond to a minute, with buckets of a relative width of at most 1/32.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBuckets = 64;
    private const int Octaves = 21;

    private readonly long[] _counts = new long[SubBuckets * (Octaves + 1)];

    public long Count => _counts.Sum();

    public void Record(long microseconds) => Interlocked.Increment(ref _counts[IndexOf(microseconds)]);

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    /// <summary>Returns the latency, in milliseconds, below which the specified share of all latencies is.</summary>
    public double Percentile(double share)
    {
        var count = Count;
        var wanted = (long)Math.Ceiling(count * share);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0)
                return UpperBoundOf(i) / 1000.0;
        }

        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < SubBuckets)
            return (int)Math.Max(0, value);
        var octave = BitOperations.Log2((ulong)value) - 5; // 64 is the first value of octave 1
        return octave > Octaves ? (SubBuckets * (Octaves + 1)) - 1 : (octave * SubBuckets) + (int)((value >> octave) & (SubBuckets - 1));
    }

    private static double UpperBoundOf(int index)
    {
        var octave = index / SubBuckets;
        return octave == 0 ? index + 1 : ((long)(index % SubBuckets) + 1) << octave;
    }
}
