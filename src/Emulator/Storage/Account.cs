using System.Collections.Concurrent;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>Everything that the endpoint holds. It lives in memory and ends with the process.</summary>
internal sealed class Account(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Database> _databases = new();

    // Starting anywhere makes the RIDs of a restarted endpoint differ from those before, by which the SDK notices that
    // its session tokens are of a container that no longer exists.
    private uint _lastNumber = (uint)Random.Shared.Next(1, 1 << 23);

    public IEnumerable<Database> Databases => _databases.Values;

    public Database Create(string id)
    {
        var database = new Database(id, ResourceIds.ForDatabase(Interlocked.Increment(ref _lastNumber)), clock.GetUtcNow());
        return _databases.TryAdd(id, database) ? database : throw CosmosErrorException.Conflict("database", id);
    }

    /// <summary>Clients name a database by its id or by its RID.</summary>
    public Database Find(string idOrResourceId)
    {
        if (_databases.TryGetValue(idOrResourceId, out var database)) return database;
        return _databases.Values.FirstOrDefault(candidate => candidate.ResourceId == idOrResourceId)
            ?? throw CosmosErrorException.OwnerNotFound("database", idOrResourceId);
    }

    public void Remove(Database database) => _databases.TryRemove(database.Id, out _);
}
