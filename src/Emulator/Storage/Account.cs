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

    public void Remove(Database database) => _databases.TryRemove(database.Id, out _);
}
