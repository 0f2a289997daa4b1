using System.Text.Json;

namespace Lookup.Functions.Tests.Support;

/// <summary>The subset of JSON Schema that the API description uses.</summary>
internal static class JsonSchema
{
    private static readonly string[] Known =
        ["$ref", "type", "oneOf", "required", "properties", "additionalProperties", "items", "description", "format", "minItems", "maxItems"];

    public static void Check(JsonElement value, JsonElement schema, JsonElement document, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            Check(value, document.GetProperty("components").GetProperty("schemas").GetProperty(name), document, at);
            return;
        }

        Assert.All(schema.EnumerateObject(), keyword => Assert.Contains(keyword.Name, Known));
        if (schema.TryGetProperty("oneOf", out var alternatives))
            Assert.Equal(1, alternatives.EnumerateArray().Count(alternative => IsOfType(value, alternative)));
        if (schema.TryGetProperty("type", out _))
            Assert.True(IsOfType(value, schema), $"{at} is {value.ValueKind}; it must be {schema.GetProperty("type")}.");
        if (value.ValueKind == JsonValueKind.Object)
            CheckObject(value, schema, document, at);
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var (i, item) in value.EnumerateArray().Index())
                Check(item, items, document, $"{at}[{i}]");
        }
    }

    private static void CheckObject(JsonElement value, JsonElement schema, JsonElement document, string at)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
                Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{at} does not have the required property {name}.");
        }

        foreach (var property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(property.Name, out var known))
                Check(property.Value, known, document, $"{at}.{property.Name}");
            else if (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object)
                Check(property.Value, others, document, $"{at}.{property.Name}");
        }
    }

    private static bool IsOfType(JsonElement value, JsonElement schema)
    {
        var type = schema.GetProperty("type");
        return type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Any(one => IsOfType(value, one.GetString()!))
            : IsOfType(value, type.GetString()!);
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException(type),
    };
}
