namespace Lookup.Benchmarks.Races;

/// <summary>A cache as its users use it: read through, and told when a value has changed.</summary>
internal interface IContender : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Reads through the cache; the source is the one and only user's version.</summary>
    ValueTask<int> GetAsync(VersionedSource source);

    /// <summary>Says that the value has changed, in the cache's own way.</summary>
    ValueTask InvalidateAsync();
}
