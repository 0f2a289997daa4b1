using System.Text.Json;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>A parser for the changes that the change feed returns, in either of its modes.</summary>
internal sealed class ChangeReader(DocumentShape shape, FeedMode mode)
{
    private readonly UserDocumentReader _documents = new(shape);

    /// <summary>Reads one change without its document.</summary>
    /// <param name="item">The change as returned by Cosmos DB.</param>
    /// <param name="change">The change, if the method returns <see langword="true"/>.</param>
    /// <returns>As the other overload.</returns>
    /// <exception cref="JsonException">The change cannot be parsed.</exception>
    public bool TryRead(ReadOnlyMemory<byte> item, out UserChange change) =>
        mode == FeedMode.AllVersionsAndDeletes ? TryReadVersion(item, out change, out _) : TryReadLatest(item, out change);

    /// <summary>Reads one change, whose document can be parsed later.</summary>
    /// <param name="item">The change as returned by Cosmos DB. It must not be modified as long as the change is used.</param>
    /// <param name="expiry">The rule by which items expire.</param>
    /// <param name="respondedAt">The time of the response by Cosmos DB's clock.</param>
    /// <param name="change">The change, if the method returns <see langword="true"/>.</param>
    /// <returns>
    /// <see langword="true"/> if the item maps to a valid <see cref="UserKey"/>; otherwise, <see langword="false"/>. Such an item cannot
    /// have been looked up, so its changes can be ignored.
    /// </returns>
    /// <exception cref="JsonException">The change cannot be parsed.</exception>
    public bool TryRead(ReadOnlyMemory<byte> item, ItemExpiry expiry, DateTimeOffset respondedAt, out UserChange change)
    {
        var document = mode == FeedMode.AllVersionsAndDeletes ? ReadOnlyMemory<byte>.Empty : item;
        if (!(mode == FeedMode.AllVersionsAndDeletes ? TryReadVersion(item, out change, out document) : TryReadLatest(item, out change)))
            return false;

        if (!document.IsEmpty)
        {
            var lsn = change.Lsn;
            change = change with { Document = () => Parse(document, lsn, expiry, respondedAt) };
        }

        return true;
    }

    private bool TryReadLatest(ReadOnlyMemory<byte> item, out UserChange change)
    {

        var scan = ItemScan.Run(item.Span, shape, []);
        return TryMake(scan.HasId, scan.Id, scan.PartitionKey, scan.Lsn, scan.AlternateKeys, out change);
    }

    /// <summary>
    /// Reads a change with its metadata: <c>{"current":{…},"metadata":{"lsn":…,"operationType":"…","id":"…","partitionKey":{…}}}</c>
    /// </summary>
    private bool TryReadVersion(ReadOnlyMemory<byte> item, out UserChange change, out ReadOnlyMemory<byte> document)
    {
        string? id = null, partitionKey = null;
        long lsn = 0;
        List<AlternateKey>? alternateKeys = null;
        var (hasId, hasMetadata, hasDocument, isDelete) = (false, false, false, false);
        document = default;

        var reader = new Utf8JsonReader(item.Span, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The change is not a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCurrent = reader.ValueTextEquals("current"u8);
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (!isObject)
                continue;

            var part = item[start..(int)reader.BytesConsumed];
            if (isCurrent)
            {
                var scan = ItemScan.Run(part.Span, shape, []);
                (document, hasDocument) = (part, scan.HasId);
                hasId |= scan.HasId;
                (id, partitionKey, alternateKeys) = (scan.Id ?? id, scan.PartitionKey ?? partitionKey, scan.AlternateKeys);
            }
            else if (isMetadata)
            {
                hasMetadata = true;
                var metadata = ReadMetadata(part.Span);
                hasId |= metadata.HasId;
                (id, partitionKey, lsn, isDelete) = (id ?? metadata.Id, partitionKey ?? metadata.PartitionKey, metadata.Lsn, metadata.IsDelete);
            }
        }

        if (!hasDocument || isDelete)
            document = default;
        return hasMetadata
            ? TryMake(hasId, id, partitionKey, lsn, alternateKeys, out change)
            : throw new JsonException("The change has no metadata.");
    }

    private static (bool HasId, string? Id, string? PartitionKey, long Lsn, bool IsDelete) ReadMetadata(ReadOnlySpan<byte> metadata)
    {
        string? id = null, partitionKey = null;
        var (hasId, isDelete) = (false, false);
        long lsn = 0;
        var reader = new Utf8JsonReader(metadata);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isLsn = reader.ValueTextEquals("lsn"u8);
            var isId = reader.ValueTextEquals("id"u8);
            var isPartitionKey = reader.ValueTextEquals("partitionKey"u8);
            var isOperation = reader.ValueTextEquals("operationType"u8);
            reader.Read();
            if (isLsn && reader.TokenType == JsonTokenType.Number)
                reader.TryGetInt64(out lsn);
            else if (isId && reader.TokenType == JsonTokenType.String)
                (hasId, id) = (true, JsonText.Get(ref reader));
            else if (isPartitionKey && reader.TokenType == JsonTokenType.StartObject)
                partitionKey = ReadSingleProperty(ref reader);
            else if (isOperation && reader.TokenType == JsonTokenType.String)
                isDelete = reader.ValueTextEquals("delete"u8);
            else
                reader.Skip();
        }

        return (hasId, id, partitionKey, lsn, isDelete);
    }

    /// <summary>
    /// Reads the value in an object of one property, or returns <see langword="null"/> if it is not a string. Hierarchical partition keys
    /// are not supported.
    /// </summary>
    private static string? ReadSingleProperty(ref Utf8JsonReader reader)
    {
        string? value = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            value = reader.TokenType == JsonTokenType.String ? JsonText.Get(ref reader) : null;
            reader.Skip();
        }

        return value;
    }

    private bool TryMake(
        bool hasId,
        string? id,
        string? partitionKey,
        long lsn,
        List<AlternateKey>? alternateKeys,
        out UserChange change)
    {
        if (!hasId)
            throw new JsonException("The change does not contain an id.");

        change = default;
        if (shape.IsPartitionedById)
            partitionKey = id;
        if (partitionKey is null || !UserKey.TryCreate(id, partitionKey, out var key, out _))
            return false;

        change = new UserChange(key, lsn, (IReadOnlyList<AlternateKey>?)alternateKeys ?? []);
        return true;
    }

    /// <summary>Parses the document of a change, or returns <see langword="null"/> if a read must do that, and report why it cannot.</summary>
    private UserDocument? Parse(ReadOnlyMemory<byte> document, long lsn, ItemExpiry expiry, DateTimeOffset respondedAt)
    {
        try
        {
            return _documents.Read(document, lsn, expiry, respondedAt).User;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
