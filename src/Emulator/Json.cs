using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator;

/// <summary>A strict reader of JSON from clients. Any error in the JSON results in a 400 response.</summary>
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
        // InvalidOperationException: an escaped unpaired surrogate.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The first sentence is Cosmos DB's own text.
            throw CosmosErrorException.BadRequest($"The request payload is invalid. {e.Message}");
        }
    }

    /// <summary>Gets the value of a string element.</summary>
    /// <returns>
    /// <see langword="true"/> if the element is a valid string; <see langword="false"/> if it is of another kind or contains an escaped
    /// unpaired surrogate.
    /// </returns>
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

    // JSON permits an unpaired surrogate such as "\ud800", but .NET cannot decode it. It is rejected here rather than on first use.
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
