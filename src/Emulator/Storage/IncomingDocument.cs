using System.Text.Json;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>A validated document from a client, without the properties that Cosmos DB adds.</summary>
internal sealed class IncomingDocument
{
    private const int MaxIdLength = 1023;

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

    public static string ReadId(JsonElement body)
    {
        if (Json.TextOf(body, "id") is not { Length: > 0 } id)
            throw CosmosErrorException.BadRequest("The input content is invalid because the property 'id' is missing, empty or not a string.");
        if (id.Length > MaxIdLength) throw CosmosErrorException.BadRequest($"The id has {id.Length} characters; the maximum is {MaxIdLength}.");
        if (id.AsSpan().IndexOfAny(@"/\?#") >= 0)
            throw CosmosErrorException.BadRequest($"The id '{id}' is not valid; it must not contain '/', '\\', '?' or '#'.");
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
