using System.Net;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>
/// The endpoint of document writes: create and upsert (<c>POST …/docs</c>), replace, patch and delete
/// (<c>PUT, PATCH, DELETE …/docs/{id}</c>).
/// </summary>
internal static class DocumentWriteEndpoint
{
    public static async Task CreateAsync(Exchange exchange, Container container, WriteMode mode)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var incoming = IncomingDocument.Read(body.RootElement, container.KeyPath, StatedKey(exchange));
        await RespondAsync(exchange, container.Documents.Write(incoming, mode, IfMatch(exchange)));
    }

    public static async Task ReplaceAsync(Exchange exchange, Container container)
    {
        var stated = RequiredKey(exchange);
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var incoming = IncomingDocument.Read(body.RootElement, container.KeyPath, stated);
        if (incoming.Key.Id != exchange.Path[5])
            throw CosmosErrorException.BadRequest($"The id '{incoming.Key.Id}' in the document differs from the id '{exchange.Path[5]}' in the URL.");
        await RespondAsync(exchange, container.Documents.Write(incoming, WriteMode.Replace, IfMatch(exchange)));
    }

    public static async Task PatchAsync(Exchange exchange, Container container)
    {
        var key = new DocumentKey(RequiredKey(exchange), exchange.Path[5]);
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var patch = DocumentPatch.Read(body.RootElement);
        await RespondAsync(exchange, patch.ApplyTo(container, key, IfMatch(exchange)));
    }

    public static Task DeleteAsync(Exchange exchange, Container container)
    {
        var key = new DocumentKey(RequiredKey(exchange), exchange.Path[5]);
        var (document, _, position) = container.Documents.Delete(key, IfMatch(exchange));
        exchange.Charge = RequestCharges.Delete(document.Json.Length);
        exchange.SetPosition(position);
        return exchange.RespondAsync(HttpStatusCode.NoContent);
    }

    private static Task RespondAsync(Exchange exchange, WriteResult result)
    {
        var (document, created, position) = result;
        exchange.Charge = RequestCharges.Write(document.Json.Length, created);
        exchange.SetPosition(position, document);
        exchange.SetETag(document.ETag);
        var wantsBody = exchange.Header(HeaderNames.Prefer) != "return=minimal";
        return exchange.RespondAsync(created ? HttpStatusCode.Created : HttpStatusCode.OK, wantsBody ? document.Json : default(ReadOnlyMemory<byte>));
    }

    private static string? IfMatch(Exchange exchange) => exchange.Header("If-Match");

    private static PartitionKeyValue? StatedKey(Exchange exchange) =>
        exchange.Header(HeaderNames.PartitionKey) is { } header ? PartitionKeyHeader.Parse(header) : null;

    private static PartitionKeyValue RequiredKey(Exchange exchange) => StatedKey(exchange)
        ?? throw CosmosErrorException.BadRequest($"The header {HeaderNames.PartitionKey} is required to {exchange.Method} a document.");
}
