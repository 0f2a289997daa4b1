using System.Net;
using Lookup.Emulator.Control;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The endpoint of point reads: <c>GET …/docs/{id}</c>.</summary>
internal sealed class PointReadEndpoint(ReplicaLag lag)
{
    public Task HandleAsync(Exchange exchange, Container container)
    {
        var header = exchange.Header(HeaderNames.PartitionKey)
            ?? throw CosmosErrorException.BadRequest($"The header {HeaderNames.PartitionKey} is required to read a document.");
        var key = new DocumentKey(PartitionKeyHeader.Parse(header), exchange.Path[5]);
        var (document, range, position) = Read(exchange, container.Documents, key);
        SessionFloor.Check(exchange, range, position);
        exchange.SetPosition(position, document);
        exchange.Charge = RequestCharges.PointRead(document?.Json.Length ?? 0);
        // No exception is thrown, because reads of nonexistent documents are common and exceptions are slow.
        if (document is null) return ErrorResponse.SendAsync(exchange, CosmosErrorException.DocumentNotFound());
        exchange.SetETag(document.ETag);
        return exchange.Header("If-None-Match") == document.ETag
            ? exchange.RespondAsync(HttpStatusCode.NotModified)
            : exchange.RespondAsync(HttpStatusCode.OK, document.Json);
    }

    private ReadResult Read(Exchange exchange, DocumentStore documents, DocumentKey key)
    {
        if (lag.IsOff) return documents.Read(key);
        var range = documents.RangeOf(key);
        var position = lag.PositionOf(range, SessionFloor.RequiredLsn(exchange, range));
        return position == range.Position ? documents.Read(key) : documents.ReadAsOf(key, range, position);
    }
}
