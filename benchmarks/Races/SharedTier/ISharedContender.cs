namespace Lookup.Benchmarks.Races.SharedTier;

/// <summary>Three instances of a cache that share one Redis. The last one reads only at the end, so what it gets first is from Redis.</summary>
internal interface ISharedContender : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Prepares for rows that have version 1.</summary>
    Task PrepareAsync(IReadOnlyList<Row> rows);

    /// <summary>Reads the version of a row through the cache of an instance.</summary>
    ValueTask<int> GetAsync(int instance, Row row);

    /// <summary>Changes all rows to version 2, and invalidates them on one instance in the way specific to the cache.</summary>
    Task ChangeAsync(int instance, IReadOnlyList<Row> rows);
}

/// <summary>A row of the database.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Source">Its version.</param>
internal sealed record Row(string Key, VersionedSource Source);
