using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Lookup.Emulator.Storage;

/// <summary>The properties that Cosmos DB adds to a document: <c>_rid</c>, <c>_self</c>, <c>_etag</c>, <c>_ts</c>, ….</summary>
internal static class SystemProperties
{
    private static readonly string[] Names = ["_rid", "_self", "_etag", "_attachments", "_ts", "_lsn"];

    public static string NewETag() => $"\"{Guid.NewGuid()}\"";

    /// <summary>
    /// Composes the stored JSON: the client's properties, followed by the system properties. The client's properties are copied byte for
    /// byte, without parsing and reformatting their values.
    /// </summary>
    public static byte[] Compose(JsonElement body, string resourceId, string self, string etag, DateTimeOffset writtenAt)
    {
        var raw = JsonMarshal.GetRawUtf8Value(body);
        var output = new ArrayBufferWriter<byte>(raw.Length + 256);
        output.Write("{"u8);
        foreach (var property in body.EnumerateObject())
        {
            if (IsSystemProperty(property)) continue;
            output.Write("\""u8);
            output.Write(JsonMarshal.GetRawUtf8PropertyName(property));
            output.Write("\":"u8);
            output.Write(JsonMarshal.GetRawUtf8Value(property.Value));
            output.Write(","u8);
        }

        Write(output, "\"_rid\":\"", resourceId);
        Write(output, "\",\"_self\":\"", self);
        // The ETag's own quotes are escaped.
        Write(output, "\",\"_etag\":\"\\\"", etag.Trim('"'));
        Write(output, "\\\"\",\"_attachments\":\"attachments/\",\"_ts\":", writtenAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
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
