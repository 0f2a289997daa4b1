namespace Lookup.Functions.Http;

/// <summary>One kind of error answer (RFC 9457): its type is stable, and clients may compare it.</summary>
/// <param name="Type">The URN that names the kind.</param>
/// <param name="Status">The HTTP status it comes with.</param>
/// <param name="Title">What it means in general.</param>
internal sealed record ProblemKind(string Type, int Status, string Title)
{
    public const string Prefix = "urn:lookup:problem:";

    public static readonly ProblemKind BadRequest = new(Prefix + "bad-request", 400, "The request cannot be understood.");
    public static readonly ProblemKind InvalidId = new(Prefix + "invalid-id", 400, "The user id is not one.");
    public static readonly ProblemKind InvalidPartitionKey = new(Prefix + "invalid-partition-key", 400, "The partition key value is not one.");
    public static readonly ProblemKind Unauthorized = new(Prefix + "unauthorized", 401, "A key is needed.");
    public static readonly ProblemKind Forbidden = new(Prefix + "forbidden", 403, "The key may not do this.");
    public static readonly ProblemKind UserNotFound = new(Prefix + "user-not-found", 404, "There is no such user.");
    public static readonly ProblemKind NotFound = new(Prefix + "not-found", 404, "There is nothing at this address.");
    public static readonly ProblemKind MethodNotAllowed = new(Prefix + "method-not-allowed", 405, "This method is not allowed here.");
    public static readonly ProblemKind NotAcceptable = new(Prefix + "not-acceptable", 406, "There is no such representation.");
    public static readonly ProblemKind TooLarge = new(Prefix + "too-large", 413, "The body is too large.");
    public static readonly ProblemKind UnsupportedMediaType = new(Prefix + "unsupported-media-type", 415, "The body is of an unknown type.");
    public static readonly ProblemKind MisdirectedRequest = new(Prefix + "misdirected-request", 421, "The host is not this one.");
    public static readonly ProblemKind TooManyRequests = new(Prefix + "too-many-requests", 429, "The key has spent what it may spend.");
    public static readonly ProblemKind StoreUnavailable = new(Prefix + "store-unavailable", 503, "The user store cannot answer.");
    public static readonly ProblemKind TooManyConnections = new(Prefix + "too-many-connections", 503, "This instance has as many connections as it may.");
    public static readonly ProblemKind NotReady = new(Prefix + "not-ready", 503, "The service is not ready.");
    public static readonly ProblemKind NotCached = new(Prefix + "not-cached", 504, "Memory has no such answer.");
    public static readonly ProblemKind Internal = new(Prefix + "internal", 500, "The service failed.");
}
