using Lookup.Domain.Users;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local.Writes;

/// <summary>
/// The routes for changing users, which exist in local runs only: <c>PUT</c> and <c>DELETE /local/users/{id}</c>.
/// They show how the service reacts when a user changes.
/// </summary>
internal static class LocalUsersEndpoint
{
    /// <summary>The maximum length of a body, in bytes.</summary>
    public const int LongestBody = 64 * 1024;

    private const string Route = "/local/users/{id}";
    private const string PathRule = "A user id in a path must not contain '/', '\\', '?' or '#', even if encoded.";

    public static void Map(IEndpointRouteBuilder routes, UserWriter writer)
    {
        routes.MapPut(Route, (string id, HttpContext context) => PutAsync(writer, id, context));
        routes.MapDelete(Route, (string id, HttpContext context) => DeleteAsync(writer, id, context.RequestAborted));
    }

    private static async Task<IResult> PutAsync(UserWriter writer, string id, HttpContext context)
    {
        if (!TryParseId(id, out var key, out var rejection))
            return rejection;
        if (context.Request.Headers.ContentEncoding.ToString() is not ("" or "identity"))
        {
            context.Response.Headers.AcceptEncoding = "identity"; // RFC 9110 §15.5.16
            return Reject(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The body must have no content coding; omit Content-Encoding.");
        }

        // The Content-Type is ignored, because curl -d sends every body as a form.
        var body = await ReadBodyAsync(context);
        if (body is null)
            return Reject(StatusCodes.Status413PayloadTooLarge, "too-large", $"The body is longer than {LongestBody} bytes, the maximum.");
        if (!UserPatch.TryRead(body, key.Id, out var patch, out var error))
            return Reject(StatusCodes.Status400BadRequest, "bad-request", error);

        try
        {
            var written = await writer.MergeAsync(key, patch, context.RequestAborted);
            context.Response.Headers.ETag = $"W/{written.ETag}"; // as the service returns it
            context.Response.Headers["x-ms-session-token"] = written.Session;
            var status = written.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK;
            return Results.Json(new { id = key.Id, version = written.Version }, statusCode: status);
        }
        catch (CosmosException exception)
        {
            return Reject(exception);
        }
    }

    private static async Task<IResult> DeleteAsync(UserWriter writer, string id, CancellationToken cancellation)
    {
        if (!TryParseId(id, out var key, out var rejection))
            return rejection;

        try
        {
            return await writer.DeleteAsync(key, cancellation)
                ? Results.NoContent()
                : Reject(StatusCodes.Status404NotFound, "user-not-found", $"There is no user \"{id}\" in the store.");
        }
        catch (CosmosException exception)
        {
            return Reject(exception);
        }
    }

    private static bool TryParseId(string id, out UserKey key, out IResult rejection)
    {
        // Routing does not decode an escaped slash. Without this, the id would be that of another user than the requested one. Cosmos DB stores
        // ids with these characters, but no client can address such an item to replace or delete it.
        var isValid = UserKey.TryCreate(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), null, out key, out var error);
        if (isValid && key.Id.AsSpan().IndexOfAny("/\\?#") >= 0)
            (isValid, error) = (false, PathRule);
        rejection = isValid ? Results.Empty : Reject(StatusCodes.Status400BadRequest, "invalid-id", error!);
        return isValid;
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        // Kestrel stops reading at the limit, so a longer body is never buffered.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestBody;

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    // The problem types have the service's own prefix, so that clients see one kind of error response (RFC 9457).
    private static IResult Reject(int status, string kind, string detail) =>
        Results.Problem(detail, statusCode: status, type: $"urn:lookup:problem:{kind}");

    private static IResult Reject(CosmosException exception) => Reject(
        StatusCodes.Status502BadGateway,
        "write-refused",
        $"The local Cosmos DB endpoint responded with {(int)exception.StatusCode} ({exception.StatusCode}); nothing was written.");
}
