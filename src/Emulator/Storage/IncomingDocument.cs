using System.Text;
using System.Text.Json;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>A validated document from a client, without the properties that Cosmos DB adds.</summary>
internal sealed class IncomingDocument
{
    private const int MaxIdBytes = 1023;

    private IncomingDocument(JsonElement body, DocumentKey key, int? timeToLive)
    {
        Body = body;
        Key = key;
        Place = key.PartitionKey.Hash();
        TimeToLive = timeToLive;
    }

    public JsonElement Body { get; }

    public DocumentKey Key { get; }

    public EffectivePartitionKey Place { get; }

    public int? TimeToLive { get; }

    public static IncomingDocument Read(JsonElement body, PartitionKeyPath path, PartitionKeyValue? stated)
    {
        var key = new DocumentKey(path.ValueIn(body), ReadId(body));
        if (stated is { } header && header != key.PartitionKey)
        {
            // Cosmos DB's own text.
            throw CosmosErrorException.BadRequest(
                "PartitionKey extracted from document doesn't match the one specified in the header.",
                SubStatus.PartitionKeyMismatch);
        }

        return new IncomingDocument(body, key, ReadTimeToLive(body, "ttl"));
    }

    /// <summary>Returns the id of a document.</summary>
    /// <remarks>
    /// The limit is that of docs: "Azure Cosmos DB service quotas". The documentation of <c>Resource.Id</c> excludes '/', '\', '?' and '#', but the
    /// service stores them (issues 2573, 2606 and 4129 of Azure/azure-cosmos-dotnet-v3).
    /// </remarks>
    public static string ReadId(JsonElement body)
    {
        if (Json.TextOf(body, "id") is not { Length: > 0 } id)
            throw CosmosErrorException.BadRequest("The input content is invalid because the property 'id' is missing, empty or not a string.");
        // What the service does is not documented. Other names can occur more than once.
        if (body.EnumerateObject().Count(property => property.NameEquals("id")) > 1)
            throw CosmosErrorException.BadRequest("The property 'id' occurs more than once.");
        if (Encoding.UTF8.GetByteCount(id) is var length and > MaxIdBytes)
            throw CosmosErrorException.BadRequest($"The id has {length} bytes in UTF-8; the maximum is {MaxIdBytes}.");
        return id;
    }

    /// <summary>
    /// Returns a time to live: a whole number of seconds above 0, or -1 for never; <see langword="null"/> if the property does not exist.
    /// </summary>
    public static int? ReadTimeToLive(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null) return null;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var seconds) && seconds is -1 or > 0) return seconds;
        throw CosmosErrorException.BadRequest(
            $"The property '{name}' is not valid; it must be a whole number of seconds above 0, or -1 for never.");
    }
}
