using System.Net;

namespace Lookup.Emulator.Wire;

/// <summary>The exception that ends a request with a status, a substatus and an error body in the format of Cosmos DB.</summary>
internal sealed class CosmosErrorException(HttpStatusCode status, string message, int subStatus = SubStatus.None) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    public int SubStatus { get; } = subStatus;

    /// <summary>
    /// Gets the time after which the client should retry, or <see langword="null"/> if the response does not specify one.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    public static CosmosErrorException BadRequest(string message, int subStatus = 0) => new(HttpStatusCode.BadRequest, message, subStatus);

    public static CosmosErrorException NotFound(string message) => new(HttpStatusCode.NotFound, message);

    // "Entity with the specified id …" and "Owner resource does not exist" are Cosmos DB's own texts.
    public static CosmosErrorException DocumentNotFound() => NotFound("Entity with the specified id does not exist in the system.");

    public static CosmosErrorException OwnerNotFound(string kind, string id) =>
        NotFound($"Owner resource does not exist: there is no {kind} '{id}'.");

    public static CosmosErrorException Conflict(string kind, string id) =>
        new(HttpStatusCode.Conflict, $"Entity with the specified id already exists in the system: {kind} '{id}'.");

    public static CosmosErrorException PreconditionFailed(string message, int subStatus = 0) =>
        new(HttpStatusCode.PreconditionFailed, message, subStatus);

    public static CosmosErrorException MethodNotAllowed(string method, string allowed) =>
        new(HttpStatusCode.MethodNotAllowed, $"The method {method} is not allowed for this resource; the allowed methods are {allowed}.");

    // The status and text are those of issue 5707 of Azure/azure-cosmos-dotnet-v3.
    public static CosmosErrorException AllVersionsAfterMerge() => new(
        HttpStatusCode.InternalServerError,
        "Specified argument was out of the range of valid values. (Parameter 'Partition has more than two children which is not supported')");

    public static CosmosErrorException RangeGone(string rangeId) => new(
        HttpStatusCode.Gone,
        $"The partition key range '{rangeId}' does not exist, or was split or merged; read the container's ranges again.",
        Wire.SubStatus.PartitionKeyRangeGone);
}
