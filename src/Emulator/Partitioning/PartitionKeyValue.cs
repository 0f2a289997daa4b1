using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Lookup.Emulator.Partitioning;

/// <summary>The value of a partition key, from a document or from the partition key header of a request.</summary>
internal readonly record struct PartitionKeyValue
{
    private const int StackLimit = 512;

    private readonly Kind _kind;
    private readonly string? _text;
    private readonly double _number;

    private PartitionKeyValue(Kind kind, string? text = null, double number = 0)
    {
        _kind = kind;
        _text = text;
        _number = number;
    }

    // The numbers are the type markers that are part of the hashed bytes.
    private enum Kind : byte
    {
        Undefined = 0,
        Null = 1,
        False = 2,
        True = 3,
        Number = 5,
        Text = 8,
    }

    public static PartitionKeyValue Undefined => new(Kind.Undefined);

    public static PartitionKeyValue FromText(string text) => new(Kind.Text, text);

    /// <summary>Creates a value from a JSON element.</summary>
    /// <returns>
    /// <see langword="false"/> for an array or a non-empty object, which cannot be a partition key, and for a string that is not valid
    /// Unicode; otherwise, <see langword="true"/>.
    /// </returns>
    public static bool TryFrom(JsonElement element, out PartitionKeyValue value)
    {
        value = Undefined;
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                if (!Json.TryGetText(element, out var text)) return false;
                value = FromText(text);
                return true;
            case JsonValueKind.Number:
                value = new PartitionKeyValue(Kind.Number, number: element.GetDouble());
                return true;
            case JsonValueKind.True:
                value = new PartitionKeyValue(Kind.True);
                return true;
            case JsonValueKind.False:
                value = new PartitionKeyValue(Kind.False);
                return true;
            case JsonValueKind.Null:
                value = new PartitionKeyValue(Kind.Null);
                return true;
            // The SDK writes PartitionKey.None as an empty object.
            case JsonValueKind.Object:
                return !element.EnumerateObject().Any();
            default:
                return element.ValueKind == JsonValueKind.Undefined;
        }
    }

    public EffectivePartitionKey Hash()
    {
        var textLength = _text is null ? 0 : Encoding.UTF8.GetMaxByteCount(_text.Length);
        var length = 1 + Math.Max(sizeof(double), textLength + 1);
        var buffer = length <= StackLimit ? stackalloc byte[StackLimit] : new byte[length];
        buffer[0] = (byte)_kind;
        var used = 1;
        if (_kind == Kind.Number)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(buffer[used..], _number);
            used += sizeof(double);
        }
        else if (_text is not null)
        {
            used += Encoding.UTF8.GetBytes(_text, buffer[used..]);
            buffer[used++] = 0xFF;
        }

        return EffectivePartitionKey.FromEncodedKey(buffer[..used]);
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (_kind)
        {
            case Kind.Text: writer.WriteStringValue(_text); break;
            case Kind.Number: writer.WriteNumberValue(_number); break;
            case Kind.True or Kind.False: writer.WriteBooleanValue(_kind == Kind.True); break;
            case Kind.Null: writer.WriteNullValue(); break;
            default:
                writer.WriteStartObject();
                writer.WriteEndObject();
                break;
        }
    }
}
