namespace Lookup.Simulation.Engine;

/// <summary>All chance of one run, from its seed (SplitMix64). The same on every machine and runtime, which System.Random does not promise.</summary>
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

    /// <summary>A stream of its own: what is drawn from it does not move what is drawn from this one.</summary>
    public SimRandom Fork() => new(NextBits());

    /// <summary>A number from 0 to <paramref name="count"/> − 1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public long Between(long min, long max) => min + (long)Math.BigMul(NextBits(), (ulong)(max - min + 1), out _);

    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => probability > 0 && NextDouble() < probability;

    /// <summary>A number between the two, each order of magnitude as likely as another.</summary>
    public long LogBetween(long min, long max) =>
        (long)(min * Math.Pow((double)max / min, NextDouble()));

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Next(choices.Length)];
}
