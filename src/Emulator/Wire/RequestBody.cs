using System.Buffers;
using System.Net;
using System.Text.Json;

namespace Lookup.Emulator.Wire;

/// <summary>The reader of request bodies, up to the maximum document size of Cosmos DB.</summary>
internal static class RequestBody
{
    public const int MaxLength = 2 * 1024 * 1024;

    /// <summary>
    /// The minimum rate of a body. Clients on the same machine are faster, and the largest body still ends within about two minutes.
    /// </summary>
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
                // If the read were left open, Kestrel could not discard the rest of the body, and would close the connection.
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
        new(HttpStatusCode.RequestEntityTooLarge, $"The request size is too large; the maximum is {MaxLength} bytes.");
}
