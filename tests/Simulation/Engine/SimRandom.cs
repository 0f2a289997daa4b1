namespace Lookup.Simulation.Engine;

/// <summary>
/// The random numbers of one run, generated from its seed (SplitMix64). They are the same on every machine and runtime, which
/// <see cref="Random"/> does not guarantee.
/// </summary>
internal sealed class SimRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Creates an independent stream. Drawing from it does not affect this one.</summary>
    public SimRandom Fork() => new(NextBits());

    /// <summary>Returns a number from 0 to <paramref name="count"/> − 1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>Returns a number from <paramref name="min"/> to <paramref name="max"/>, inclusive.</summary>
    public long Between(long min, long max) => min + (long)Math.BigMul(NextBits(), (ulong)(max - min + 1), out _);

    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => probability > 0 && NextDouble() < probability;

    /// <summary>Returns a number between the two with a log-uniform distribution.</summary>
    public long LogBetween(long min, long max) =>
        (long)(min * Math.Pow((double)max / min, NextDouble()));

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Next(choices.Length)];
}
