using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Lookup.Emulator.Storage;

/// <summary>The properties that Cosmos DB adds to a document: <c>_rid</c>, <c>_self</c>, <c>_etag</c>, <c>_ts</c>, ….</summary>
internal static class SystemProperties
{
    // Not _lsn: Cosmos DB stores a client's own, and the change feed contains it in addition to the real one
    // (issue 46 of microsoft/kafka-connect-cosmosdb, issue 18091 of Azure/azure-sdk-for-java).
    private static readonly string[] Names = ["_rid", "_self", "_etag", "_attachments", "_ts"];

    public static string NewETag() => $"\"{Guid.NewGuid()}\"";

    /// <summary>
    /// Composes the stored JSON: the client's properties, followed by the system properties. The client's properties are copied byte for
    /// byte, without parsing and reformatting their values.
    /// </summary>
    public static ComposedJson Compose(JsonElement body, string resourceId, string self, string etag, DateTimeOffset writtenAt)
    {
        var (client, firstLength) = ClientProperties(body);
        var output = new ArrayBufferWriter<byte>(client.Length + 256);
        output.Write("{"u8);
        output.Write(client.Span);
        var clientEnd = output.WrittenCount;
        Write(output, ",\"_rid\":\"", resourceId);
        Write(output, "\",\"_self\":\"", self);
        // The ETag's own quotes are escaped.
        Write(output, "\",\"_etag\":\"\\\"", etag.Trim('"'));
        Write(output, "\\\"\",\"_attachments\":\"attachments/\",\"_ts\":", writtenAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        output.Write("}"u8);
        return new ComposedJson(output.WrittenSpan.ToArray(), FirstEnd: 1 + firstLength, clientEnd);
    }

    /// <summary>
    /// Returns the client's properties, separated by commas, and the length of the first one, or of all if its name occurs more than once. There
    /// is at least the id.
    /// </summary>
    private static (ReadOnlyMemory<byte> Json, int FirstLength) ClientProperties(JsonElement body)
    {
        var output = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(body).Length);
        var firstLength = 0;
        string? first = null;
        foreach (var property in body.EnumerateObject())
        {
            if (IsSystemProperty(property)) continue;
            if (first is null)
            {
                first = property.Name;
            }
            else
            {
                if (firstLength == 0) firstLength = output.WrittenCount;
                if (property.NameEquals(first)) firstLength = int.MaxValue;
                output.Write(","u8);
            }

            output.Write("\""u8);
            output.Write(JsonMarshal.GetRawUtf8PropertyName(property));
            output.Write("\":"u8);
            output.Write(JsonMarshal.GetRawUtf8Value(property.Value));
        }

        var json = UnpairedSurrogates.Restore(output.WrittenMemory);
        return (json, firstLength is 0 or int.MaxValue ? json.Length : UnpairedSurrogates.Restore(output.WrittenMemory[..firstLength]).Length);
    }

    private static bool IsSystemProperty(JsonProperty property)
    {
        foreach (var name in Names)
        {
            if (property.NameEquals(name)) return true;
        }

        return false;
    }

    private static void Write(ArrayBufferWriter<byte> output, string text, string value)
    {
        Encoding.UTF8.GetBytes(text, output);
        Encoding.UTF8.GetBytes(value, output);
    }
}

/// <summary>The stored JSON of a document.</summary>
/// <param name="Json">The JSON: the client's properties, followed by the system properties.</param>
/// <param name="FirstEnd">
/// The index of the comma after the first of the client's properties, or <paramref name="ClientEnd"/> if there is no other one or if its name
/// occurs more than once.
/// </param>
/// <param name="ClientEnd">The index of the comma between the client's and the system properties.</param>
internal readonly record struct ComposedJson(byte[] Json, int FirstEnd, int ClientEnd);
