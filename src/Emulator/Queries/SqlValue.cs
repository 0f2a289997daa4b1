using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>
/// A value of the query language: a JSON value, or undefined for a missing property. A comparison with undefined, and an order comparison of
/// different kinds, is itself undefined, which WHERE treats as false.
/// </summary>
internal readonly struct SqlValue
{
    private readonly double _number;
    private readonly string? _text;
    private readonly JsonElement _element;

    private SqlValue(SqlKind kind, double number = 0, string? text = null, JsonElement element = default)
    {
        Kind = kind;
        _number = number;
        _text = text;
        _element = element;
    }

    public static SqlValue Undefined => default;

    public static SqlValue Null => new(SqlKind.Null);

    public SqlKind Kind { get; }

    public bool IsUndefined => Kind == SqlKind.Undefined;

    public bool IsTrue => Kind == SqlKind.Boolean && _number != 0;

    public bool IsFalse => Kind == SqlKind.Boolean && _number == 0;

    public double? Number => Kind == SqlKind.Number ? _number : null;

    public string? Text => Kind == SqlKind.Text ? _text : null;

    public static SqlValue From(bool value) => new(SqlKind.Boolean, value ? 1 : 0);

    public static SqlValue From(double value) => double.IsFinite(value) ? new SqlValue(SqlKind.Number, value) : Undefined;

    public static SqlValue From(string? value) => value is null ? Null : new SqlValue(SqlKind.Text, text: value);

    public static SqlValue From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => From(true),
        JsonValueKind.False => From(false),
        JsonValueKind.Number => From(element.GetDouble()),
        JsonValueKind.String => From(element.GetString()),
        JsonValueKind.Array => new SqlValue(SqlKind.Array, element: element),
        JsonValueKind.Object => new SqlValue(SqlKind.Object, element: element),
        _ => Undefined,
    };

    public static bool? AreEqual(SqlValue left, SqlValue right)
    {
        if (left.IsUndefined || right.IsUndefined) return null;
        if (left.Kind != right.Kind) return false;
        return left.Kind switch
        {
            SqlKind.Null => true,
            SqlKind.Text => left._text == right._text,
            SqlKind.Array or SqlKind.Object => JsonElement.DeepEquals(left._element, right._element),
            _ => left._number.Equals(right._number),
        };
    }

    /// <summary>
    /// Returns the order of two values, or <see langword="null"/> if they are of different kinds or of a kind without an order.
    /// </summary>
    public static int? Compare(SqlValue left, SqlValue right) => left.Kind != right.Kind ? null : left.Kind switch
    {
        SqlKind.Null => 0,
        SqlKind.Boolean or SqlKind.Number => left._number.CompareTo(right._number),
        SqlKind.Text => string.CompareOrdinal(left._text, right._text),
        _ => null,
    };

    /// <summary>Compares two values for ORDER BY, which orders values of every kind.</summary>
    public static int CompareForSort(SqlValue left, SqlValue right) =>
        left.Kind != right.Kind ? left.Kind.CompareTo(right.Kind) : Compare(left, right) ?? 0;

    public SqlValue Property(string name) =>
        Kind == SqlKind.Object && _element.TryGetProperty(name, out var value) ? From(value) : Undefined;

    public SqlValue At(double index) =>
        Kind == SqlKind.Array && index >= 0 && index < _element.GetArrayLength() && index == Math.Floor(index)
            ? From(_element[(int)index])
            : Undefined;

    public IEnumerable<SqlValue> Items() => Kind == SqlKind.Array ? _element.EnumerateArray().Select(From) : [];

    /// <summary>
    /// Writes a document with its id first, whatever its place in the stored text. A point read returns the stored order, so that no client
    /// can rely on the same bytes from both, which Cosmos DB does not promise.
    /// </summary>
    public void WriteDocumentTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("id");
        _element.GetProperty("id").WriteTo(writer);
        foreach (var property in _element.EnumerateObject().Where(property => !property.NameEquals("id"))) property.WriteTo(writer);
        writer.WriteEndObject();
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case SqlKind.Null: writer.WriteNullValue(); break;
            case SqlKind.Boolean: writer.WriteBooleanValue(IsTrue); break;
            case SqlKind.Text: writer.WriteStringValue(_text); break;
            case SqlKind.Array or SqlKind.Object: _element.WriteTo(writer); break;
            case SqlKind.Number when _number == Math.Floor(_number) && Math.Abs(_number) < 1e15: writer.WriteNumberValue((long)_number); break;
            case SqlKind.Number: writer.WriteNumberValue(_number); break;
            default: throw new InvalidOperationException("Undefined has no JSON form and must be omitted.");
        }
    }
}
