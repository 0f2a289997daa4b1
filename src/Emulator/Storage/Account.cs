using System.Collections.Concurrent;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The account: all data of the endpoint, in memory only.</summary>
internal sealed class Account(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Database> _databases = new();

    // Starts at a random number, so that RIDs differ from those before a restart of the endpoint. From the difference, the SDK detects that
    // its session tokens belong to a container that no longer exists.
    private uint _lastNumber = (uint)Random.Shared.Next(1, 1 << 23);

    private volatile bool _hasMerged;

    /// <summary>Gets the delay of the deletions of expired documents.</summary>
    public TimeToLiveDelay TimeToLiveDelay { get; } = new();

    /// <summary>Gets a value that indicates whether physical ranges of any container were ever merged, including deleted containers.</summary>
    public bool HasMerged => _hasMerged;

    public IEnumerable<Database> Databases => _databases.Values;

    public Database Create(string id)
    {
        var database = new Database(id, ResourceIds.ForDatabase(Interlocked.Increment(ref _lastNumber)), clock.GetUtcNow());
        return _databases.TryAdd(id, database) ? database : throw CosmosErrorException.Conflict("database", id);
    }

    /// <summary>Finds a database by its id or its RID.</summary>
    public Database Find(string idOrResourceId)
    {
        if (_databases.TryGetValue(idOrResourceId, out var database)) return database;
        return _databases.Values.FirstOrDefault(candidate => candidate.ResourceId == idOrResourceId)
            ?? throw CosmosErrorException.OwnerNotFound("database", idOrResourceId);
    }

    public void NoteMerge() => _hasMerged = true;

    public void Remove(Database database) => _databases.TryRemove(database.Id, out _);
}
