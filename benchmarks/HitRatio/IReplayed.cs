namespace Lookup.Benchmarks.HitRatio;

/// <summary>A cache that a trace is replayed through.</summary>
internal interface IReplayed : IDisposable
{
    /// <summary>Looks up a key, and reads it from the store if it is not cached.</summary>
    void Access(int key);

    /// <summary>Gets the number of store reads, at 1 request unit each.</summary>
    long StoreReads { get; }
}
