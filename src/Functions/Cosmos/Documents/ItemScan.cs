using System.Text.Json;
using Lookup.Domain.Users;

namespace Lookup.Functions.Cosmos.Documents;

/// <summary>
/// A single pass over a stored document that validates the JSON, extracts the properties that the service interprets, and copies those
/// that are not hidden.
/// </summary>
/// <remarks>
/// Text is copied byte for byte, so numbers, escapes and order are preserved. The path of a hidden field also applies inside arrays, so
/// that a field in a list is not exposed. All other paths do not apply inside arrays, as in a query.
/// </remarks>
internal ref struct ItemScan
{
    /// <summary>The maximum depth of a document. Cosmos DB stores at most 128 levels.</summary>
    private const int MaxDepth = 256;

    private readonly ReadOnlySpan<byte> _json;
    private readonly Span<byte> _copy;
    private Utf8JsonReader _reader;
    private int _written;
    private int _muted;

    private ItemScan(ReadOnlySpan<byte> json, Span<byte> copy)
    {
        _json = json;
        _copy = copy;
        _muted = copy.IsEmpty ? 1 : 0;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Gets a value that indicates whether the document has an id, even if the id is not valid text.</summary>
    public bool HasId { get; private set; }

    /// <summary>Gets the id, or <see langword="null"/> if it does not exist or contains an unpaired surrogate.</summary>
    public string? Id { get; private set; }

    public string? PartitionKey { get; private set; }

    public string? ETag { get; private set; }

    /// <summary>Gets the time at which the document was written, in seconds since 1970.</summary>
    public long Timestamp { get; private set; }

    public long Lsn { get; private set; }

    /// <summary>Gets the item's own time to live, in seconds, if it has a valid one: -1 (never) or a positive number.</summary>
    public int? TimeToLive { get; private set; }

    public List<AlternateKey>? AlternateKeys { get; private set; }

    /// <summary>Gets the number of bytes copied.</summary>
    public readonly int Written => _written;

    /// <summary>Scans a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="shape">The properties to interpret and to hide.</param>
    /// <param name="copy">The destination of the copy, as long as the document; or empty, in order not to copy.</param>
    /// <exception cref="JsonException">The document is not a JSON object in UTF-8.</exception>
    public static ItemScan Run(ReadOnlySpan<byte> json, DocumentShape shape, Span<byte> copy)
    {
        // The reader validates the encoding of a string only when its value is read.
        if (!System.Text.Unicode.Utf8.IsValid(json))
            throw new JsonException("The document is not valid UTF-8.");

        var scan = new ItemScan(json, copy);
        if (!scan._reader.Read() || scan._reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The document is not a JSON object.");

        scan.ReadObject(shape.Root, inArray: false);
        scan._reader.Read(); // throws if text follows the object
        return scan;
    }

    private void ReadObject(DocumentShape.Node node, bool inArray)
    {
        Write("{"u8);
        var isFirst = true;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)_reader.TokenStartIndex;
            var child = node.Match(ref _reader);
            _reader.Read();
            if (child is { IsHidden: true })
            {
                child.NoteFound();
                _muted++;
                ReadValue(child, (int)_reader.TokenStartIndex, inArray);
                _muted--;
                continue;
            }

            if (!isFirst)
                Write(","u8);
            isFirst = false;
            ReadValue(child, start, inArray);
        }

        Write("}"u8);
    }

    private void ReadValue(DocumentShape.Node? node, int start, bool inArray)
    {
        if (node is not null && !inArray)
            Take(node);

        if (node is { HasChildren: true } && _reader.TokenType == JsonTokenType.StartObject)
        {
            Write(_json[start..(int)_reader.TokenStartIndex]);
            ReadObject(node, inArray);
        }
        else if (node is { HasChildren: true } && _reader.TokenType == JsonTokenType.StartArray)
        {
            Write(_json[start..(int)_reader.BytesConsumed]);
            ReadArray(node);
        }
        else
        {
            _reader.Skip();
            Write(_json[start..(int)_reader.BytesConsumed]);
        }
    }

    private void ReadArray(DocumentShape.Node node)
    {
        var isFirst = true;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (!isFirst)
                Write(","u8);
            isFirst = false;
            ReadValue(node, (int)_reader.TokenStartIndex, inArray: true);
        }

        Write("]"u8);
    }

    private void Take(DocumentShape.Node node)
    {
        if (_reader.TokenType == JsonTokenType.Number)
        {
            if (node.Role.HasFlag(PropertyRole.Timestamp))
                Timestamp = _reader.TryGetInt64(out var seconds) ? seconds : 0;
            if (node.Role.HasFlag(PropertyRole.Lsn))
                Lsn = _reader.TryGetInt64(out var lsn) ? lsn : 0;
            if (node.Role.HasFlag(PropertyRole.TimeToLive))
                TimeToLive = _reader.TryGetInt32(out var ttl) && ttl is -1 or > 0 ? ttl : null;
        }
        else if (_reader.TokenType == JsonTokenType.String && (node.Role != 0 || node.AlternateKey is not null))
        {
            TakeText(node);
        }
    }

    private void TakeText(DocumentShape.Node node)
    {
        HasId |= node.Role.HasFlag(PropertyRole.Id);
        if (JsonText.Get(ref _reader) is not { } text)
            return; // it cannot be requested, and is not valid in a key

        if (node.Role.HasFlag(PropertyRole.Id))
            Id = text;
        if (node.Role.HasFlag(PropertyRole.PartitionKey))
            PartitionKey = text;
        if (node.Role.HasFlag(PropertyRole.ETag))
            ETag = text;
        if (node.AlternateKey is { } path)
            (AlternateKeys ??= []).Add(new AlternateKey(path, text));
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        if (_muted > 0)
            return;

        text.CopyTo(_copy[_written..]);
        _written += text.Length;
    }
}
