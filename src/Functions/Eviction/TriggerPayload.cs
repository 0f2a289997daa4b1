using System.Buffers;
using System.Text.Json;
using Lookup.Functions.Cosmos.Documents;

namespace Lookup.Functions.Eviction;

/// <summary>
/// The payload that the Functions host posts: <c>{"Data":{"changes":"\"[{\\\"id\\\":\\\"a\\\"}]\""},"Metadata":{…}}</c>. The batch is a
/// JSON string that contains a JSON string literal that contains the array.
/// </summary>
/// <remarks>A batch that is encoded once, or not at all, is accepted as well.</remarks>
internal static class TriggerPayload
{
    /// <summary>The name of the binding in function.json.</summary>
    public const string Binding = "changes";

    /// <summary>Finds the text of the array in the body of a request, without checking that it is an array.</summary>
    /// <exception cref="FormatException">The body is not JSON or does not contain a batch. The message does not quote the body.</exception>
    public static ReadOnlyMemory<byte> Batch(in ReadOnlySequence<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            Find(ref reader, "Data"u8);
            Find(ref reader, "changes"u8);
            if (reader.TokenType != JsonTokenType.String)
                return Value(ref reader, body);

            var batch = JsonText.DecodeJson(ref reader);
            if (batch.Span.TrimStart(" \t\r\n"u8) is not [(byte)'"', ..])
                return batch;

            reader = new Utf8JsonReader(batch.Span);
            reader.Read();
            return JsonText.DecodeJson(ref reader);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("It contains a string that is not valid text.", e);
        }
        catch (JsonException e)
        {
            throw new FormatException($"It is not valid JSON: see byte {e.BytePositionInLine} of line {e.LineNumber}, counted from 0.", e);
        }
    }

    /// <summary>Moves the reader from before an object to the value of one of its properties.</summary>
    private static void Find(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType == JsonTokenType.None)
            reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("It does not contain a batch: an object was expected.");

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = JsonText.Is(ref reader, name);
            reader.Read();
            if (isIt)
                return;
            reader.Skip();
        }

        throw new FormatException($"It does not contain a batch: Data.{Binding} is missing.");
    }

    private static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, in ReadOnlySequence<byte> body)
    {
        var start = reader.TokenStartIndex;
        reader.Skip();
        return body.Slice(start, reader.BytesConsumed - start).ToArray();
    }
}
