using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>The parameters of a query: <c>[{"name":"@email","value":"…"}]</c>.</summary>
internal sealed class SqlParameters
{
    public static readonly SqlParameters None = new();

    private readonly Dictionary<string, SqlValue> _values = [];

    public SqlValue this[string name] =>
        _values.TryGetValue(name, out var value)
            ? value
            : throw SqlError.Syntax($"the query uses the parameter {name}, which 'parameters' does not contain.");

    public static SqlParameters Read(JsonElement body)
    {
        var parameters = new SqlParameters();
        if (!body.TryGetProperty("parameters", out var list) || list.ValueKind == JsonValueKind.Null) return parameters;
        if (list.ValueKind != JsonValueKind.Array) throw SqlError.Syntax("'parameters' must be an array.");
        foreach (var parameter in list.EnumerateArray())
        {
            if (parameter.ValueKind != JsonValueKind.Object || Json.TextOf(parameter, "name") is not { } name)
                throw SqlError.Syntax("each element of 'parameters' must be an object whose 'name' is a string.");
            parameters._values[name] = parameter.TryGetProperty("value", out var value) ? SqlValue.From(value) : SqlValue.Undefined;
        }

        return parameters;
    }
}
