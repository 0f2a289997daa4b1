using System.Buffers;
using System.Text.Json;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The properties of a container as defined by a client, and the JSON that describes the container.</summary>
internal sealed class ContainerProperties
{
    private const string Hierarchical = "MultiHash";
    private const int MaxHierarchicalPaths = 3; // as in Cosmos DB

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
        (KeyPaths, IsHierarchical) = ReadKeyPaths(body);
        KeyPath = KeyPaths.Select(PartitionKeyPath.Parse).ToArray()[0];
        DefaultTimeToLive = IncomingDocument.ReadTimeToLive(body, "defaultTtl");
        ETag = SystemProperties.NewETag();
        Json = Describe(body);
    }

    public string Id { get; }

    public string ResourceId { get; }

    /// <summary>Gets the path of the partition key; of a hierarchical one, the first path.</summary>
    public PartitionKeyPath KeyPath { get; }

    /// <summary>Gets a value that indicates whether the partition key is hierarchical. This endpoint stores only the definition of such a container.</summary>
    public bool IsHierarchical { get; }

    /// <summary>
    /// Gets the default time to live in seconds: -1 if only items with their own value expire, or <see langword="null"/> if no item
    /// expires.
    /// </summary>
    public int? DefaultTimeToLive { get; }

    public string ETag { get; }

    public byte[] Json { get; }

    public string DatabaseResourceId { get; }

    private string[] KeyPaths { get; }

    private DateTimeOffset Clock { get; }

    public static ContainerProperties Read(JsonElement body, string databaseResourceId, string resourceId, DateTimeOffset now) =>
        new(body, databaseResourceId, resourceId, now);

    /// <summary>Returns the properties of a new definition, which must not change the id or the partition key path.</summary>
    public ContainerProperties ChangedTo(JsonElement body)
    {
        var changed = new ContainerProperties(body, DatabaseResourceId, ResourceId, Clock);
        if (changed.Id != Id) throw CosmosErrorException.BadRequest($"The container '{Id}' cannot be renamed to '{changed.Id}'.");
        if (changed.IsHierarchical != IsHierarchical || !changed.KeyPaths.SequenceEqual(KeyPaths, StringComparer.Ordinal))
            throw CosmosErrorException.BadRequest($"The partition key path of a container cannot be changed; it is '{string.Join(", ", KeyPaths)}'.");
        return changed;
    }

    private static (string[] Paths, bool IsHierarchical) ReadKeyPaths(JsonElement body)
    {
        if (body.TryGetProperty("partitionKey", out var key) && key.ValueKind == JsonValueKind.Object
            && key.TryGetProperty("paths", out var paths) && paths.ValueKind == JsonValueKind.Array)
        {
            var isHierarchical = Emulator.Json.TextOf(key, "kind") == Hierarchical;
            var texts = paths.EnumerateArray().Select(path => Emulator.Json.TryGetText(path, out var text) ? text : "").ToArray();
            if (texts.Length >= 1 && texts.Length <= (isHierarchical ? MaxHierarchicalPaths : 1) && texts.All(text => text.Length > 0))
                return (texts, isHierarchical);
        }

        throw CosmosErrorException.BadRequest(
            "The partition key definition is not valid; it must have exactly one path, such as {\"paths\":[\"/id\"],\"kind\":\"Hash\"},"
            + $" or up to {MaxHierarchicalPaths} of the kind {Hierarchical}.");
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
            foreach (var path in KeyPaths) writer.WriteStringValue(path);
            writer.WriteEndArray();
            writer.WriteString("kind", IsHierarchical ? Hierarchical : "Hash");
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
