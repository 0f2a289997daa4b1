using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>
/// The endpoint of physical ranges: <c>GET …/pkranges</c>. The SDK reads them as a change feed. The response to a request with
/// <c>A-IM</c> and <c>If-None-Match</c> contains only the ranges that were created since that ETag, or is 304 if there are none.
/// <c>parents</c> lists all ranges that a range replaces, directly or through others, oldest first.
/// </summary>
internal static class RangesEndpoint
{
    public static Task HandleAsync(Exchange exchange, Container container)
    {
        if (exchange.Method != HttpMethods.Get) throw CosmosErrorException.MethodNotAllowed(exchange.Method, "GET");
        var map = container.Ranges.Current;
        exchange.SetETag(string.Create(CultureInfo.InvariantCulture, $"\"{map.Generation}\""));
        var isIncremental = exchange.Header(HeaderNames.AcceptedManipulations) is not null;
        var known = isIncremental ? KnownGeneration(exchange) : 0;
        var feed = new FeedBody(container.ResourceId, "PartitionKeyRanges");
        foreach (var range in map.Ranges.Where(range => range.Generation > known))
            feed.Add(Describe(container, range, map.Ranges.Length));
        return isIncremental && feed.Count == 0 ? exchange.RespondAsync(HttpStatusCode.NotModified) : FeedResponse.SendAsync(exchange, feed);
    }

    private static long KnownGeneration(Exchange exchange) =>
        exchange.Header("If-None-Match") is { } etag
        && long.TryParse(etag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            ? generation
            : 0;

    private static byte[] Describe(Container container, PhysicalRange range, int count)
    {
        var number = int.Parse(range.Id, CultureInfo.InvariantCulture);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("_rid", ResourceIds.ForRange(container.ResourceId, (ulong)number + 1));
            writer.WriteString("id", range.Id);
            writer.WriteString("_etag", $"\"{range.Generation.ToString(CultureInfo.InvariantCulture)}\"");
            writer.WriteString("minInclusive", range.Keys.Min.ToString());
            writer.WriteString("maxExclusive", range.Keys.Max.ToString());
            writer.WriteNumber("ridPrefix", number);
            writer.WriteString("_self", $"dbs/{container.Properties.DatabaseResourceId}/colls/{container.ResourceId}/pkranges/{range.Id}/");
            writer.WriteNumber("throughputFraction", 1.0 / count);
            writer.WriteString("status", "online");
            writer.WriteStartArray("parents");
            foreach (var parent in range.Ancestry.SkipLast(1)) writer.WriteStringValue(parent);
            writer.WriteEndArray();
            writer.WriteNumber("_ts", 0);
            writer.WriteNumber("_lsn", range.Position.Lsn);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
