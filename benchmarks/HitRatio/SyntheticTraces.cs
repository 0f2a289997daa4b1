using Lookup.Benchmarks.Shared;
using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>Synthetic accesses, the same in every run, that show the strengths and weaknesses of eviction policies.</summary>
internal static class SyntheticTraces
{
    private const int Keys = 50_000;

    public static IEnumerable<AccessTrace> All =>
    [
        AccessTrace.Of("zipf", ByZipf(1_000_000)),
        AccessTrace.Of("zipf-scan", WithScans(ByZipf(500_000))),
        AccessTrace.Of("drift", Drifting(ByZipf(1_000_000))),
        AccessTrace.Of("recent", Recent(500_000)),
    ];

    /// <summary>Returns accesses to few keys most of the time: the frequency of the key of rank r is proportional to r^-0.9.</summary>
    private static IEnumerable<int> ByZipf(int count)
    {
        var random = new Generator(1);
        var zipf = new Zipf(Keys, 0.9);
        for (var i = 0; i < count; i++)
            yield return zipf.RankAt(random.NextDouble());
    }

    /// <summary>Adds occasional scans of many keys that are not accessed again.</summary>
    private static IEnumerable<int> WithScans(IEnumerable<int> accesses)
    {
        const int Every = 50_000;
        const int Length = 20_000;
        var next = Keys;
        foreach (var (index, key) in accesses.Index())
        {
            yield return key;
            for (var i = 0; index % Every == Every - 1 && i < Length; i++)
                yield return next++;
        }
    }

    /// <summary>Shifts the frequencies: after every 20 accesses, each rank moves to the next key.</summary>
    private static IEnumerable<int> Drifting(IEnumerable<int> accesses) => accesses.Index().Select(access => access.Item + (access.Index / 20));

    /// <summary>Returns accesses to keys that are repeated soon or never: the hardest case for frequency-based policies.</summary>
    private static IEnumerable<int> Recent(int count)
    {
        var random = new Generator(3);
        var newest = 0;
        for (var i = 0; i < count; i++)
        {
            if (newest == 0 || random.NextDouble() < 0.3)
                yield return newest++;
            else
                yield return Math.Max(0, newest - 1 - (int)Math.Exp(random.NextDouble() * random.NextDouble() * 9));
        }
    }

    /// <summary>SplitMix64. The generator of the runtime, and with it the tables, may change between versions.</summary>
    private sealed class Generator(ulong seed)
    {
        private ulong _state = seed;

        public double NextDouble()
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
