using System.Buffers;
using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>The projection of rows by SELECT.</summary>
internal sealed class SqlProjection(SqlQuery query)
{
    /// <summary>Returns the JSON of a row, or <see langword="null"/> if the result is undefined and therefore omitted.</summary>
    public byte[]? Write(SqlRow row)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            if (query.IsStar)
            {
                row.Document.WriteDocumentTo(writer);
            }
            else if (query.IsValue)
            {
                var value = query.Columns[0].Expression(row);
                if (value.IsUndefined) return null;
                value.WriteTo(writer);
            }
            else
            {
                WriteColumns(row, writer);
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void WriteColumns(SqlRow row, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var column in query.Columns)
        {
            var value = column.Expression(row);
            if (value.IsUndefined) continue;
            writer.WritePropertyName(column.Name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
