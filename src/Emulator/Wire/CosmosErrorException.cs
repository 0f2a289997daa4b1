using System.Net;

namespace Lookup.Emulator.Wire;

/// <summary>Ends a request with a status, a substatus and the service's error body.</summary>
internal sealed class CosmosErrorException(HttpStatusCode status, string message, int subStatus = SubStatus.None) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    public int SubStatus { get; } = subStatus;

    /// <summary>How long the client should wait before it tries again; null when the answer does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static CosmosErrorException BadRequest(string message, int subStatus = 0) => new(HttpStatusCode.BadRequest, message, subStatus);

    public static CosmosErrorException NotFound(string message) => new(HttpStatusCode.NotFound, message);

    public static CosmosErrorException DocumentNotFound() => NotFound("Entity with the specified id does not exist in the system.");

    public static CosmosErrorException OwnerNotFound(string kind, string id) =>
        NotFound($"Owner resource does not exist: there is no {kind} '{id}'.");

    public static CosmosErrorException Conflict(string kind, string id) =>
        new(HttpStatusCode.Conflict, $"Entity with the specified id already exists in the system: {kind} '{id}'.");

    public static CosmosErrorException PreconditionFailed(string message, int subStatus = 0) =>
        new(HttpStatusCode.PreconditionFailed, message, subStatus);

    public static CosmosErrorException MethodNotAllowed(string method, string allowed) =>
        new(HttpStatusCode.MethodNotAllowed, $"The method {method} is not allowed here; allowed: {allowed}.");

    public static CosmosErrorException RangeGone(string rangeId) => new(
        HttpStatusCode.Gone,
        $"The partition key range '{rangeId}' does not exist or was split: read the container's ranges again.",
        Wire.SubStatus.PartitionKeyRangeGone);
}
