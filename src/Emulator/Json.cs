using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator;

/// <summary>
/// A reader of JSON from clients. Any error in the JSON results in a 400 response. As in Cosmos DB, an object can contain a name more than once,
/// and a string can contain an escaped unpaired surrogate.
/// </summary>
internal static class Json
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    /// <summary>Parses an object, in which unpaired surrogates are replaced: see <see cref="UnpairedSurrogates"/>.</summary>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            if (!Utf8.IsValid(utf8.Span)) throw new JsonException("The text is not valid UTF-8.");
            var document = JsonDocument.Parse(UnpairedSurrogates.Replace(utf8), Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("The body must be one JSON object.");
            return document;
        }
        catch (JsonException e)
        {
            // The first sentence is Cosmos DB's own text.
            throw CosmosErrorException.BadRequest($"The request payload is invalid. {e.Message}");
        }
    }

    /// <summary>Gets the value of a string element.</summary>
    /// <returns><see langword="true"/> if the element is a string; otherwise, <see langword="false"/>.</returns>
    public static bool TryGetText(JsonElement element, [NotNullWhen(true)] out string? text)
    {
        text = element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        return text is not null;
    }

    public static string? TextOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var element) && TryGetText(element, out var text) ? text : null;
}
