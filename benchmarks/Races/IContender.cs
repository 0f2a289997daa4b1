namespace Lookup.Benchmarks.Races;

/// <summary>A cache that is read through, and invalidated when a value has changed.</summary>
internal interface IContender : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Reads the version of the only user from the source through the cache.</summary>
    ValueTask<int> GetAsync(VersionedSource source);

    /// <summary>Invalidates the value in the way specific to the cache.</summary>
    ValueTask InvalidateAsync();
}
