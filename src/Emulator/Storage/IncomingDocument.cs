using System.Text.Json;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>A document that a client wants stored, checked but without the properties that the service adds.</summary>
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
            throw CosmosErrorException.BadRequest(
                "PartitionKey extracted from document doesn't match the one specified in the header.",
                SubStatus.PartitionKeyMismatch);
        }

        return new IncomingDocument(body, key, ReadTimeToLive(body, "ttl"));
    }

    public static string ReadId(JsonElement body)
    {
        if (Json.TextOf(body, "id") is not { Length: > 0 } id)
            throw CosmosErrorException.BadRequest("The input content is invalid because the required property 'id' is missing or no text.");
        if (id.Length > MaxIdLength) throw CosmosErrorException.BadRequest($"The id is too long: it has at most {MaxIdLength} characters.");
        if (id.AsSpan().IndexOfAny(@"/\?#") >= 0)
            throw CosmosErrorException.BadRequest($"The id '{id}' is invalid: it must not contain '/', '\\', '?' or '#'.");
        return id;
    }

    /// <summary>A whole number of seconds above zero, or -1 for never; null when there is no such property.</summary>
    public static int? ReadTimeToLive(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null) return null;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var seconds) && seconds is -1 or > 0) return seconds;
        throw CosmosErrorException.BadRequest($"The property '{name}' is invalid: it takes a whole number of seconds above 0, or -1 for never.");
    }
}
