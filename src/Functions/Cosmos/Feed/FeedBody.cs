using System.Text.Json;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>The parser for a page of documents: <c>{"_rid":"…","Documents":[…],"_count":n}</c>.</summary>
internal static class FeedBody
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>Finds the documents in a page. Each document is a slice of the page, not a copy.</summary>
    /// <exception cref="JsonException">The text is not such a page.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Documents(ReadOnlyMemory<byte> page)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        var isPage = false;
        var reader = new Utf8JsonReader(page.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The page is not a JSON object.");

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDocuments = reader.ValueTextEquals("Documents"u8);
            reader.Read();
            if (!isDocuments)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("The property 'Documents' of the page is not an array.");

            isPage = true;

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                found.Add(page[start..(int)reader.BytesConsumed]);
            }
        }

        return isPage ? found : throw new JsonException("The page has no property 'Documents'.");
    }
}
