using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lookup.Local.Writes;

/// <summary>Reads the body of a write, or says which rule it breaks.</summary>
internal static class UserPatch
{
    private const string Rule = "The body must be one JSON object, in UTF-8, with no name twice in an object";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static bool TryRead(
        ReadOnlySpan<byte> body,
        string id,
        [NotNullWhen(true)] out JsonObject? patch,
        [NotNullWhen(false)] out string? problem)
    {
        patch = null;
        problem = null;
        try
        {
            EnsureText(body);
            patch = JsonNode.Parse(body, documentOptions: Strict) as JsonObject;
            problem = patch is null ? $"{Rule}; it is another kind of JSON value." : FindIdProblem(patch, id);
        }
        catch (JsonException flaw)
        {
            problem = flaw.LineNumber is { } line && flaw.BytePositionInLine is { } position
                ? string.Create(CultureInfo.InvariantCulture, $"{Rule}; it cannot be read at line {line + 1}, byte {position + 1}.")
                : $"{Rule}.";
        }
        catch (InvalidOperationException)
        {
            problem = $"{Rule}; it holds a string that is no Unicode text (invalid UTF-8, or half of a surrogate pair).";
        }

        return problem is null;
    }

    // The parser leaves strings alone until someone asks for them, which would be after the write.
    private static void EnsureText(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                reader.GetString();
        }
    }

    private static string? FindIdProblem(JsonObject patch, string id)
    {
        if (!patch.TryGetPropertyValue("id", out var stated))
            return null;
        return stated is JsonValue value && value.TryGetValue<string>(out var text) && text == id
            ? null
            : $"The body's id is {stated?.ToJsonString() ?? "null"}, but the address names user \"{id}\"; leave the id out or make the two equal.";
    }
}
