using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator;

/// <summary>Reads JSON that strangers sent: whatever is wrong with it becomes a 400, never an exception that nobody expected.</summary>
internal static class Json
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 128 };

    public static JsonDocument ParseObject(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            if (!Utf8.IsValid(utf8.Span)) throw new JsonException("The text is not valid UTF-8.");
            var document = JsonDocument.Parse(utf8, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("The body must be one JSON object.");
            if (utf8.Span.IndexOf("\\u"u8) >= 0) CheckEscapes(document.RootElement);
            return document;
        }
        // InvalidOperationException: an escape of half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw CosmosErrorException.BadRequest($"The request payload is invalid. {e.Message}");
        }
    }

    /// <summary>False unless the element is a string that can be read: an escape of half a surrogate pair cannot.</summary>
    public static bool TryGetText(JsonElement element, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (element.ValueKind != JsonValueKind.String) return false;
        try
        {
            text = element.GetString();
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return text is not null;
    }

    public static string? TextOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var element) && TryGetText(element, out var text) ? text : null;

    // JSON allows "\ud800" alone, .NET has no string for it: better refused here than met later.
    private static void CheckEscapes(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) CheckEscapes(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckEscapes(property.Value);
                }

                break;
        }
    }
}
