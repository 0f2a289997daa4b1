using System.Buffers;
using System.Text;
using System.Text.Json;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Queries;

/// <summary>
/// The end of a page of a query, identified by the sort values of its last document. A count would not work: after a split, each child range
/// receives its parent's continuation, and contains only some of the counted documents.
/// </summary>
/// <param name="Keys">The document's ORDER BY values.</param>
/// <param name="After">The document's sequence, which orders documents with equal keys.</param>
/// <param name="Taken">The number of results returned so far, for TOP and LIMIT.</param>
internal sealed record QueryContinuation(SqlValue[] Keys, ulong After, int Taken)
{
    public static QueryContinuation Parse(string text, SqlQuery query)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            // An undefined key is an object without "item".
            var keys = root.GetProperty("keys").EnumerateArray()
                .Select(key => key.TryGetProperty("item", out var item) ? SqlValue.From(item.Clone()) : SqlValue.Undefined)
                .ToArray();
            if (keys.Length == query.OrderBy.Count)
                return new QueryContinuation(keys, root.GetProperty("after").GetUInt64(), root.GetProperty("taken").GetInt32());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            // Reported below, like a continuation of another query.
        }

        throw CosmosErrorException.BadRequest($"The continuation '{text}' was not issued for this query.");
    }

    public bool IsBefore(Document document, SqlValue[] keys, IReadOnlyList<SqlOrder> order) =>
        Compare(Keys, After, keys, document.Sequence, order) < 0;

    public static int Compare(SqlValue[] left, ulong leftSequence, SqlValue[] right, ulong rightSequence, IReadOnlyList<SqlOrder> order)
    {
        for (var i = 0; i < order.Count; i++)
        {
            var compared = SqlValue.CompareForSort(left[i], right[i]);
            if (compared != 0) return order[i].IsDescending ? -compared : compared;
        }

        return leftSequence.CompareTo(rightSequence);
    }

    public override string ToString()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        // The writer escapes non-ASCII characters, which a header cannot contain.
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("after", After);
            writer.WriteNumber("taken", Taken);
            writer.WriteStartArray("keys");
            foreach (var key in Keys)
            {
                writer.WriteStartObject();
                if (!key.IsUndefined)
                {
                    writer.WritePropertyName("item");
                    key.WriteTo(writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
