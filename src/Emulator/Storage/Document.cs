using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Storage;

/// <summary>One version of a document, as it is sent to clients. All but <see cref="IsCurrent"/> never changes.</summary>
internal sealed class Document
{
    private volatile bool _isCurrent = true;
    private JsonDocument? _parsed;

    public required DocumentKey Key { get; init; }

    public required EffectivePartitionKey Place { get; init; }

    /// <summary>The UTF-8 JSON with the system properties, without <c>_lsn</c>.</summary>
    public required byte[] Json { get; init; }

    public required string ETag { get; init; }

    public required string ResourceId { get; init; }

    /// <summary>The log sequence number, in its physical range, of the write that made this version.</summary>
    public required long Lsn { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>The order of creation in the container, in which queries and feeds without ORDER BY go.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Seconds, -1 for "never expires", null where the container's default holds.</summary>
    public required int? TimeToLive { get; init; }

    public string LsnText => field ??= Lsn.ToString(CultureInfo.InvariantCulture);

    /// <summary>False as soon as a later write or a deletion took this version's place.</summary>
    public bool IsCurrent => _isCurrent;

    /// <summary>The parsed form, for queries; made on first use, since most documents are only read by id.</summary>
    /// <remarks>Two queries may both parse it; either result will do, and neither is disposed of, since it holds no pooled memory.</remarks>
    public JsonElement Root => (_parsed ??= JsonDocument.Parse(Json, new JsonDocumentOptions { MaxDepth = 129 })).RootElement;

    public void Supersede() => _isCurrent = false;

    /// <summary>The form of the change feed: the stored bytes with the LSN put before the last brace.</summary>
    public void WriteWithLsn(IBufferWriter<byte> output)
    {
        output.Write(Json.AsSpan(0, Json.Length - 1));
        output.Write(",\"_lsn\":"u8);
        Encoding.UTF8.GetBytes(LsnText, output);
        output.Write("}"u8);
    }

    /// <summary>When this version expires under a container whose default is <paramref name="containerDefault"/> seconds; null for never.</summary>
    public DateTimeOffset? ExpiresAt(int? containerDefault)
    {
        // An item's own ttl counts only where the container has one, even if that one is -1 (docs: "Time to Live in Azure Cosmos DB").
        if (containerDefault is null) return null;
        var seconds = TimeToLive ?? containerDefault.Value;
        return seconds < 0 ? null : WrittenAt.AddSeconds(seconds);
    }
}
