using System.Buffers;
using System.Net;
using System.Text.Json;

namespace Lookup.Emulator.Wire;

/// <summary>Reads a whole request body, up to the service's limit for one document.</summary>
internal static class RequestBody
{
    public const int MaxLength = 2 * 1024 * 1024;

    /// <summary>Slower than any client on the same machine, and fast enough to end: the largest body takes two minutes.</summary>
    public const double MinBytesPerSecond = 16 * 1024;

    public static async Task<JsonDocument> ReadObjectAsync(Exchange exchange) => Json.ParseObject(await ReadAsync(exchange));

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Exchange exchange)
    {
        if (exchange.Http.Request.ContentLength > MaxLength) throw TooLarge();
        var reader = exchange.Http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(exchange.Aborted);
            if (read.Buffer.Length > MaxLength)
            {
                // Kestrel cannot drop the rest, and closes the connection, while a read is left open.
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static CosmosErrorException TooLarge() =>
        new(HttpStatusCode.RequestEntityTooLarge, $"The request size is too large: a body has at most {MaxLength} bytes.");
}
