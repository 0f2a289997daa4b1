using Lookup.Domain.Users;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local.Writes;

/// <summary>
/// The routes for writing users, which exist in a local run only: <c>PUT</c> and <c>DELETE /local/users/{id}</c>.
/// They let people see what the service does when a user changes.
/// </summary>
internal static class LocalUsersEndpoint
{
    /// <summary>The longest body that is read, in bytes.</summary>
    public const int LongestBody = 64 * 1024;

    private const string Route = "/local/users/{id}";

    public static void Map(IEndpointRouteBuilder routes, UserWriter writer)
    {
        routes.MapPut(Route, (string id, HttpContext context) => PutAsync(writer, id, context));
        routes.MapDelete(Route, (string id, HttpContext context) => DeleteAsync(writer, id, context.RequestAborted));
    }

    private static async Task<IResult> PutAsync(UserWriter writer, string id, HttpContext context)
    {
        if (!TryName(id, out var key, out var refusal))
            return refusal;

        // The type of the content is not asked for: curl -d calls everything a form.
        var body = await ReadBodyAsync(context);
        if (body is null)
            return Refuse(StatusCodes.Status413PayloadTooLarge, "too-large", $"The body is longer than {LongestBody} bytes.");
        if (!UserPatch.TryRead(body, key.Id, out var patch, out var problem))
            return Refuse(StatusCodes.Status400BadRequest, "bad-request", problem);

        try
        {
            var written = await writer.MergeAsync(key, patch, context.RequestAborted);
            context.Response.Headers.ETag = written.ETag;
            var status = written.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK;
            return Results.Json(new { id = key.Id, version = written.Version }, statusCode: status);
        }
        catch (CosmosException refused)
        {
            return Refuse(refused);
        }
    }

    private static async Task<IResult> DeleteAsync(UserWriter writer, string id, CancellationToken cancellation)
    {
        if (!TryName(id, out var key, out var refusal))
            return refusal;

        try
        {
            return await writer.DeleteAsync(key, cancellation)
                ? Results.NoContent()
                : Refuse(StatusCodes.Status404NotFound, "user-not-found", $"There is no user \"{id}\" in the store.");
        }
        catch (CosmosException refused)
        {
            return Refuse(refused);
        }
    }

    private static bool TryName(string id, out UserKey key, out IResult refusal)
    {
        // Routing leaves an escaped slash as it is, and what is left would name another user than the one that was meant.
        var isNamed = UserKey.TryCreate(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), null, out key, out var problem);
        refusal = isNamed ? Results.Empty : Refuse(StatusCodes.Status400BadRequest, "invalid-id", problem!);
        return isNamed;
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        // Kestrel stops reading at the limit, so a longer body is never held.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestBody;

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }

    // The types are the service's own, so that a client sees one kind of error answer (RFC 9457).
    private static IResult Refuse(int status, string kind, string detail) =>
        Results.Problem(detail, statusCode: status, type: $"urn:lookup:problem:{kind}");

    private static IResult Refuse(CosmosException refused) => Refuse(
        StatusCodes.Status502BadGateway,
        "write-refused",
        $"The local Cosmos DB endpoint answered {(int)refused.StatusCode} ({refused.StatusCode}); nothing was written.");
}
