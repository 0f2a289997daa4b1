namespace Lookup.Benchmarks.HitRatio;

/// <summary>A cache that a trace is replayed through.</summary>
internal interface IReplayed : IDisposable
{
    /// <summary>Looks a key up, and reads it from the store where the cache does not have it.</summary>
    void Access(int key);

    /// <summary>How often the store was read, at 1 request unit each.</summary>
    long StoreReads { get; }
}
