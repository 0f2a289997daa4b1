using System.Buffers;
using System.Text.Json;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The properties of a container as defined by a client, and the JSON that describes the container.</summary>
internal sealed class ContainerProperties
{
    private static readonly HashSet<string> Computed =
    [
        "partitionKey", "_rid", "_self", "_etag", "_ts", "_docs", "_sprocs", "_triggers", "_udfs", "_conflicts",
    ];

    private ContainerProperties(JsonElement body, string databaseResourceId, string resourceId, DateTimeOffset now)
    {
        Id = IncomingDocument.ReadId(body);
        DatabaseResourceId = databaseResourceId;
        ResourceId = resourceId;
        Clock = now;
        KeyPathText = ReadKeyPath(body);
        KeyPath = PartitionKeyPath.Parse(KeyPathText);
        DefaultTimeToLive = IncomingDocument.ReadTimeToLive(body, "defaultTtl");
        ETag = SystemProperties.NewETag();
        Json = Describe(body);
    }

    public string Id { get; }

    public string ResourceId { get; }

    public PartitionKeyPath KeyPath { get; }

    /// <summary>
    /// Gets the default time to live in seconds: -1 if only items with their own value expire, or <see langword="null"/> if no item
    /// expires.
    /// </summary>
    public int? DefaultTimeToLive { get; }

    public string ETag { get; }

    public byte[] Json { get; }

    public string DatabaseResourceId { get; }

    private string KeyPathText { get; }

    private DateTimeOffset Clock { get; }

    public static ContainerProperties Read(JsonElement body, string databaseResourceId, string resourceId, DateTimeOffset now) =>
        new(body, databaseResourceId, resourceId, now);

    /// <summary>Returns the properties of a new definition, which must not change the id or the partition key path.</summary>
    public ContainerProperties ChangedTo(JsonElement body)
    {
        var changed = new ContainerProperties(body, DatabaseResourceId, ResourceId, Clock);
        if (changed.Id != Id) throw CosmosErrorException.BadRequest($"The container '{Id}' cannot be renamed to '{changed.Id}'.");
        if (changed.KeyPathText != KeyPathText)
            throw CosmosErrorException.BadRequest($"The partition key path of a container cannot be changed; it is '{KeyPathText}'.");
        return changed;
    }

    private static string ReadKeyPath(JsonElement body)
    {
        if (body.TryGetProperty("partitionKey", out var key) && key.ValueKind == JsonValueKind.Object
            && key.TryGetProperty("paths", out var paths) && paths.ValueKind == JsonValueKind.Array && paths.GetArrayLength() == 1
            && Emulator.Json.TryGetText(paths[0], out var path))
        {
            return path;
        }

        throw CosmosErrorException.BadRequest(
            "The partition key definition is not valid; this endpoint requires exactly one path, such as {\"paths\":[\"/id\"],\"kind\":\"Hash\"}.");
    }

    private byte[] Describe(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var property in body.EnumerateObject())
            {
                if (Computed.Contains(property.Name)) continue;
                property.WriteTo(writer);
            }

            if (!body.TryGetProperty("indexingPolicy", out _)) WriteDefaultIndexing(writer);
            writer.WriteStartObject("partitionKey");
            writer.WriteStartArray("paths");
            writer.WriteStringValue(KeyPathText);
            writer.WriteEndArray();
            writer.WriteString("kind", "Hash");
            writer.WriteNumber("version", 2);
            writer.WriteEndObject();
            writer.WriteString("_rid", ResourceId);
            writer.WriteString("_self", $"dbs/{DatabaseResourceId}/colls/{ResourceId}/");
            writer.WriteString("_etag", ETag);
            writer.WriteNumber("_ts", Clock.ToUnixTimeSeconds());
            writer.WriteString("_docs", "docs/");
            writer.WriteString("_sprocs", "sprocs/");
            writer.WriteString("_triggers", "triggers/");
            writer.WriteString("_udfs", "udfs/");
            writer.WriteString("_conflicts", "conflicts/");
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteDefaultIndexing(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("indexingPolicy");
        writer.WriteRawValue(
            """{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/\"_etag\"/?"}]}""");
    }
}
