using System.Buffers;
using System.Text;
using System.Text.Json;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Queries;

/// <summary>
/// Where a page of a query ended: after which document in the query's order. It says so by values and not by a count, since after
/// a split each child range is asked to go on from its parent's continuation and has only some of what was counted.
/// </summary>
/// <param name="Keys">The document's values of ORDER BY.</param>
/// <param name="After">The document's sequence, which decides between equal keys.</param>
/// <param name="Taken">How many results were returned up to here, for TOP and LIMIT.</param>
internal sealed record QueryContinuation(SqlValue[] Keys, ulong After, int Taken)
{
    public static QueryContinuation Parse(string text, SqlQuery query)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            // A key that is undefined is an object without its member.
            var keys = root.GetProperty("keys").EnumerateArray()
                .Select(key => key.TryGetProperty("item", out var item) ? SqlValue.From(item.Clone()) : SqlValue.Undefined)
                .ToArray();
            if (keys.Length == query.OrderBy.Count)
                return new QueryContinuation(keys, root.GetProperty("after").GetUInt64(), root.GetProperty("taken").GetInt32());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            // Answered below, like one of another query.
        }

        throw CosmosErrorException.BadRequest($"The continuation '{text}' is not one that this query was answered with.");
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
        // The writer escapes whatever is not ASCII, which a header could not carry.
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
