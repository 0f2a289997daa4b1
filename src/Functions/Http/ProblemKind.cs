namespace Lookup.Functions.Http;

/// <summary>A problem type (RFC 9457). Its URN is stable, so clients can compare it.</summary>
/// <param name="Type">The URN of the problem type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">A short description of the problem type.</param>
internal sealed record ProblemKind(string Type, int Status, string Title)
{
    public const string Prefix = "urn:lookup:problem:";

    public static readonly ProblemKind BadRequest = new(Prefix + "bad-request", 400, "The request is not valid.");
    public static readonly ProblemKind InvalidId = new(Prefix + "invalid-id", 400, "The user id is not valid.");
    public static readonly ProblemKind InvalidPartitionKey = new(Prefix + "invalid-partition-key", 400, "The partition key value is not valid.");
    public static readonly ProblemKind Unauthorized = new(Prefix + "unauthorized", 401, "A valid key is required.");
    public static readonly ProblemKind Forbidden = new(Prefix + "forbidden", 403, "The key does not allow this operation.");
    public static readonly ProblemKind UserNotFound = new(Prefix + "user-not-found", 404, "The user does not exist.");
    public static readonly ProblemKind NotFound = new(Prefix + "not-found", 404, "The resource does not exist.");
    public static readonly ProblemKind MethodNotAllowed = new(Prefix + "method-not-allowed", 405, "The resource does not support this method.");
    public static readonly ProblemKind NotAcceptable = new(Prefix + "not-acceptable", 406, "The requested media type is not available.");
    public static readonly ProblemKind PreconditionFailed = new(
        Prefix + "precondition-failed", 412, "The current representation does not satisfy a precondition of the request.");
    public static readonly ProblemKind TooLarge = new(Prefix + "too-large", 413, "The request body is too large.");
    public static readonly ProblemKind UnsupportedMediaType = new(
        Prefix + "unsupported-media-type", 415, "The media type of the request body is not supported.");
    public static readonly ProblemKind MisdirectedRequest = new(
        Prefix + "misdirected-request", 421, "The host of the request is not a name of this machine.");
    public static readonly ProblemKind TooManyRequests = new(Prefix + "too-many-requests", 429, "The request unit budget is exhausted.");
    public static readonly ProblemKind StoreUnavailable = new(Prefix + "store-unavailable", 503, "The user store is unavailable.");
    public static readonly ProblemKind TooManyConnections = new(
        Prefix + "too-many-connections", 503, "The instance has reached its maximum number of connections.");
    public static readonly ProblemKind Overloaded = new(
        Prefix + "overloaded", 503, "The instance has no memory for another large response.");
    public static readonly ProblemKind NotReady = new(Prefix + "not-ready", 503, "The instance is not ready.");
    public static readonly ProblemKind NotCached = new(Prefix + "not-cached", 504, "There is no suitable cached response.");
    public static readonly ProblemKind Internal = new(Prefix + "internal", 500, "An internal error occurred.");
}
