using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Storage;

/// <summary>A version of a document, as it is sent to clients. It is immutable except for <see cref="IsCurrent"/>.</summary>
internal sealed class Document
{
    private volatile bool _isCurrent = true;
    private JsonDocument? _parsed;

    public required DocumentKey Key { get; init; }

    public required EffectivePartitionKey Place { get; init; }

    public required ComposedJson Composed { get; init; }

    /// <summary>Gets the UTF-8 JSON with the system properties, as point reads and writes return it.</summary>
    public byte[] Json => Composed.Json;

    public required string ETag { get; init; }

    public required string ResourceId { get; init; }

    /// <summary>Gets the log sequence number (LSN), in its physical range, of the write that created this version.</summary>
    public required long Lsn { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>
    /// Gets the number in the order of creation in the container, which is the order of queries and lists without ORDER BY.
    /// </summary>
    public required ulong Sequence { get; init; }

    /// <summary>
    /// Gets the time to live in seconds: -1 if the document never expires, or <see langword="null"/> to use the container's default.
    /// </summary>
    public required int? TimeToLive { get; init; }

    public string LsnText => field ??= Lsn.ToString(CultureInfo.InvariantCulture);

    /// <summary>Gets a value that indicates whether this version has not been superseded by a later write or a deletion.</summary>
    public bool IsCurrent => _isCurrent;

    /// <summary>Gets the parsed form, for queries. It is created on first use, because most documents are only read by id.</summary>
    /// <remarks>Two queries can both parse it. Either result can be used, and neither is disposed of.</remarks>
    public JsonElement Root => (_parsed ??= JsonDocument.Parse(UnpairedSurrogates.Replace(Json), new JsonDocumentOptions { MaxDepth = 129 })).RootElement;

    public void Supersede() => _isCurrent = false;

    /// <summary>
    /// Returns the form for queries and feeds. Its properties have another order and other spaces than in <see cref="Json"/>, because Cosmos DB
    /// does not return the same bytes for a version from each of its operations either.
    /// </summary>
    public byte[] Listed()
    {
        var output = new ArrayBufferWriter<byte>(Json.Length + 1);
        WriteListedProperties(output);
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes the form for the change feed, with the LSN at the end, even if the client's own properties contain one.</summary>
    public void WriteWithLsn(IBufferWriter<byte> output)
    {
        WriteListedProperties(output);
        output.Write(",\"_lsn\":"u8);
        Encoding.UTF8.GetBytes(LsnText, output);
        output.Write("}"u8);
    }

    private void WriteListedProperties(IBufferWriter<byte> output)
    {
        var (json, firstEnd, clientEnd) = Composed;
        output.Write("{"u8);
        output.Write(json.AsSpan((clientEnd + 1)..^1));
        output.Write(", "u8);
        if (firstEnd < clientEnd)
        {
            output.Write(json.AsSpan((firstEnd + 1)..clientEnd));
            output.Write(", "u8);
        }

        output.Write(json.AsSpan(1..firstEnd));
    }

    /// <summary>Returns the time at which this version expires, or <see langword="null"/> for never.</summary>
    /// <param name="containerDefault">The default time to live of the container, in seconds.</param>
    public DateTimeOffset? ExpiresAt(int? containerDefault)
    {
        // An item's own ttl is used only if the container has a default, even if that default is -1 (docs: "Time to Live in Azure Cosmos DB").
        if (containerDefault is null) return null;
        var seconds = TimeToLive ?? containerDefault.Value;
        return seconds < 0 ? null : WrittenAt.AddSeconds(seconds);
    }
}
