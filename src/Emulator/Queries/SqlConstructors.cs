using System.Buffers;
using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>The constructors of arrays and objects: <c>[c.id, 1]</c>, <c>{"name": c.name}</c>. Undefined members are omitted.</summary>
internal static class SqlConstructors
{
    public static SqlExpression Array(SqlExpression[] items) => row => Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            var value = item(row);
            if (!value.IsUndefined) value.WriteTo(writer);
        }

        writer.WriteEndArray();
    });

    public static SqlExpression Object((string Name, SqlExpression Value)[] members) => row => Build(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, expression) in members)
        {
            var value = expression(row);
            if (value.IsUndefined) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    private static SqlValue Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        return SqlValue.From(JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = 256 }).RootElement);
    }
}
