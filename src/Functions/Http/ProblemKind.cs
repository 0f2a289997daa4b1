namespace Lookup.Functions.Http;

/// <summary>One kind of error answer (RFC 9457): its type is stable, and clients may compare it.</summary>
/// <param name="Type">The URN that names the kind.</param>
/// <param name="Status">The HTTP status it comes with.</param>
/// <param name="Title">What it means in general.</param>
internal sealed record ProblemKind(string Type, int Status, string Title)
{
    private const string Prefix = "urn:lookup:problem:";

    public static readonly ProblemKind BadRequest = new(Prefix + "bad-request", 400, "The request cannot be understood.");
    public static readonly ProblemKind InvalidId = new(Prefix + "invalid-id", 400, "The user id is not one.");
    public static readonly ProblemKind UserNotFound = new(Prefix + "user-not-found", 404, "There is no such user.");
    public static readonly ProblemKind NotFound = new(Prefix + "not-found", 404, "There is nothing at this address.");
    public static readonly ProblemKind MethodNotAllowed = new(Prefix + "method-not-allowed", 405, "This method is not allowed here.");
    public static readonly ProblemKind StoreUnavailable = new(Prefix + "store-unavailable", 503, "The user store cannot answer.");
    public static readonly ProblemKind Internal = new(Prefix + "internal", 500, "The service failed.");
}
