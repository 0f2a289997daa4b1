using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lookup.Emulator.Wire;

/// <summary>The error response in the format of Cosmos DB: <c>{"code":"NotFound","message":"…"}</c>.</summary>
internal static class ErrorResponse
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task SendAsync(Exchange exchange, CosmosErrorException error)
    {
        if (error.SubStatus != SubStatus.None)
            exchange.SetHeader(HeaderNames.SubStatus, error.SubStatus.ToString(CultureInfo.InvariantCulture));
        if (error.RetryAfter is { } wait)
            exchange.SetHeader(HeaderNames.RetryAfterMilliseconds, Math.Ceiling(wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        return SendAsync(exchange, error.Status, error.Message);
    }

    public static Task SendAsync(Exchange exchange, HttpStatusCode status, string message) =>
        exchange.RespondAsync(status, Body(status, message));

    private static byte[] Body(HttpStatusCode status, string message)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("code", status.ToString());
            writer.WriteString("message", message);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
