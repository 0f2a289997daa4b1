using System.Net;
using System.Text.Json;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>The JSON body of a control request. The names and types of its members are validated.</summary>
internal sealed class ControlBody : IDisposable
{
    private readonly JsonDocument _json;

    private ControlBody(JsonDocument json) => _json = json;

    public static async Task<ControlBody> ReadAsync(Exchange exchange, params string[] allowed)
    {
        var body = new ControlBody(await RequestBody.ReadObjectAsync(exchange));
        foreach (var member in body._json.RootElement.EnumerateObject())
        {
            if (!allowed.Contains(member.Name))
                throw CosmosErrorException.BadRequest($"The member '{member.Name}' is unknown; the members are {string.Join(", ", allowed)}.");
        }

        return body;
    }

    public static Task RespondAsync(Exchange exchange, object content) =>
        exchange.RespondAsync(HttpStatusCode.OK, JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web));

    public string? Text(string name)
    {
        if (!Has(name, out var element)) return null;
        return Json.TryGetText(element, out var text) ? text : throw Wrong(name, element, "a string");
    }

    public string RequiredText(string name) => Text(name) ?? throw CosmosErrorException.BadRequest($"The member '{name}' is required.");

    /// <summary>Returns the value of a member that is an array of strings.</summary>
    public string[]? Texts(string name)
    {
        if (!Has(name, out var element)) return null;
        if (element.ValueKind != JsonValueKind.Array) throw Wrong(name, element, "an array of strings");
        return [.. element.EnumerateArray().Select(item => Json.TryGetText(item, out var text) ? text : throw Wrong(name, element, "an array of strings"))];
    }

    public int? WholeNumber(string name, int min, int max)
    {
        if (!Has(name, out var element)) return null;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) && number >= min && number <= max) return number;
        throw Wrong(name, element, $"a whole number from {min} to {max}");
    }

    public bool? Flag(string name)
    {
        if (!Has(name, out var element)) return null;
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw Wrong(name, element, "true or false");
    }

    public TimeSpan? Milliseconds(string name)
    {
        const int Day = 24 * 60 * 60 * 1000;
        return WholeNumber(name, 0, Day) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    /// <summary>Returns the value of a member that is an enumeration, written in camel case.</summary>
    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.CamelCase.ConvertName(value.ToString()) == text) return value;
        }

        var allowed = string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName));
        throw Wrong(name, _json.RootElement.GetProperty(name), "one of " + allowed);
    }

    public void Dispose() => _json.Dispose();

    private static CosmosErrorException Wrong(string name, JsonElement element, string allowed) =>
        CosmosErrorException.BadRequest($"The member '{name}' is {element.GetRawText()}; it must be {allowed}.");

    private bool Has(string name, out JsonElement element) =>
        _json.RootElement.TryGetProperty(name, out element) && element.ValueKind != JsonValueKind.Null;
}
