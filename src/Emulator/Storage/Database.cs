using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>A database: a named group of containers.</summary>
internal sealed class Database(string id, string resourceId, DateTimeOffset createdAt)
{
    private readonly ConcurrentDictionary<string, Container> _containers = new();
    private uint _lastNumber;

    public string Id { get; } = id;

    public string ResourceId { get; } = resourceId;

    public IEnumerable<Container> Containers => _containers.Values;

    public Container Create(Func<string, Container> make)
    {
        var container = make(ResourceIds.ForContainer(ResourceId, Interlocked.Increment(ref _lastNumber)));
        return _containers.TryAdd(container.Id, container) ? container : throw CosmosErrorException.Conflict("container", container.Id);
    }

    /// <summary>Finds a container by its id or its RID.</summary>
    public Container Find(string idOrResourceId)
    {
        if (_containers.TryGetValue(idOrResourceId, out var container)) return container;
        return _containers.Values.FirstOrDefault(candidate => candidate.ResourceId == idOrResourceId)
            ?? throw CosmosErrorException.OwnerNotFound("container", idOrResourceId);
    }

    public void Remove(Container container) => _containers.TryRemove(container.Id, out _);

    public byte[] Describe()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id", Id);
            writer.WriteString("_rid", ResourceId);
            writer.WriteString("_self", $"dbs/{ResourceId}/");
            writer.WriteString("_etag", "\"00000000-0000-0000-0000-000000000000\"");
            writer.WriteString("_colls", "colls/");
            writer.WriteString("_users", "users/");
            writer.WriteNumber("_ts", createdAt.ToUnixTimeSeconds());
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
