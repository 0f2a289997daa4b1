using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lookup.Emulator.Queries;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>A partial update: up to ten operations that are applied together or not at all, and an optional condition.</summary>
internal sealed class DocumentPatch
{
    private const int MaxOperations = 10;

    private readonly IReadOnlyList<PatchOperation> _operations;
    private readonly SqlQuery? _condition;

    private DocumentPatch(IReadOnlyList<PatchOperation> operations, SqlQuery? condition)
    {
        _operations = operations;
        _condition = condition;
    }

    public static DocumentPatch Read(JsonElement body)
    {
        if (!body.TryGetProperty("operations", out var operations) || operations.ValueKind != JsonValueKind.Array
            || operations.GetArrayLength() is 0 or > MaxOperations)
        {
            throw CosmosErrorException.BadRequest($"A patch must have 1 to {MaxOperations} operations in the array 'operations'.");
        }

        // The condition is a query without its SELECT clause: "from c where c.version = 1".
        var condition = Json.TextOf(body, "condition") is { } text ? SqlParser.Parse("SELECT * " + text) : null;
        return new DocumentPatch([.. operations.EnumerateArray().Select(PatchOperation.Read)], condition);
    }

    public WriteResult ApplyTo(Container container, DocumentKey key, string? ifMatch)
    {
        while (true)
        {
            var old = container.Documents.Read(key).Document ?? throw CosmosErrorException.DocumentNotFound();
            // Cosmos DB's own text.
            if (ifMatch is not (null or "*") && ifMatch != old.ETag)
                throw CosmosErrorException.PreconditionFailed("One of the specified pre-condition is not met.");
            if (_condition is not null && !QueryExecutor.Matches(_condition, old))
                throw CosmosErrorException.PreconditionFailed("The condition of the patch is not met.", SubStatus.PatchConditionFailed);

            using var patched = JsonDocument.Parse(Patched(old));
            var incoming = IncomingDocument.Read(patched.RootElement, container.KeyPath, key.PartitionKey);
            if (incoming.Key.Id != key.Id) throw CosmosErrorException.BadRequest("A patch cannot change the id of a document.");
            try
            {
                return container.Documents.Write(incoming, WriteMode.Replace, old.ETag);
            }
            catch (CosmosErrorException e) when (e.Status == HttpStatusCode.PreconditionFailed && ifMatch is null or "*")
            {
                // Another write happened between the read and the write, so the operations are applied again to its result.
            }
        }
    }

    private byte[] Patched(Document old)
    {
        try
        {
            var root = JsonNode.Parse(UnpairedSurrogates.Replace(old.Json).Span, documentOptions: new JsonDocumentOptions { MaxDepth = 129 })!.AsObject();
            foreach (var operation in _operations) operation.ApplyTo(root);
            return JsonSerializer.SerializeToUtf8Bytes(root);
        }
        catch (ArgumentException)
        {
            throw CosmosErrorException.BadRequest("This endpoint does not support a patch of a document that contains a name more than once.");
        }
    }
}
