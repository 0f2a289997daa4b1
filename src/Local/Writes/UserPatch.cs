using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lookup.Local.Writes;

/// <summary>The parser of the body of a write.</summary>
internal static class UserPatch
{
    private const string Rule = "The body must be one JSON object in UTF-8, without duplicate property names";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static bool TryRead(
        ReadOnlySpan<byte> body,
        string id,
        [NotNullWhen(true)] out JsonObject? patch,
        [NotNullWhen(false)] out string? error)
    {
        patch = null;
        error = null;
        try
        {
            EnsureText(body);
            patch = JsonNode.Parse(body, documentOptions: Strict) as JsonObject;
            error = patch is null ? $"{Rule}; it is another kind of JSON value." : FindIdError(patch, id);
        }
        catch (JsonException exception)
        {
            error = exception.LineNumber is { } line && exception.BytePositionInLine is { } position
                ? string.Create(CultureInfo.InvariantCulture, $"{Rule}; parsing failed at line {line + 1}, byte {position + 1}.")
                : $"{Rule}.";
        }
        catch (InvalidOperationException)
        {
            error = $"{Rule}; a string is not valid Unicode (invalid UTF-8 or an unpaired surrogate).";
        }

        return error is null;
    }

    // The parser decodes strings on first use, which would be after the write, so they are checked here.
    private static void EnsureText(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                reader.GetString();
        }
    }

    private static string? FindIdError(JsonObject patch, string id)
    {
        if (!patch.TryGetPropertyValue("id", out var stated))
            return null;
        return stated is JsonValue value && value.TryGetValue<string>(out var text) && text == id
            ? null
            : $"The body's id is {stated?.ToJsonString() ?? "null"}, but the URL specifies user \"{id}\"; omit the id or use the same one.";
    }
}
