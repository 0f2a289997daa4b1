using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary>The writer of the response to a lookup of one user: the stored bytes, unchanged, and the header fields.</summary>
internal sealed class UserResponseWriter(LookupResponseHeaders responseHeaders, RequestCounters requests)
{
    public Task WriteAsync(HttpContext context, in LookupResult result)
    {
        requests.Count(LookupFunction.GetUser, result);
        var response = context.Response;
        if (result.Status == LookupStatus.NotCached)
            return NotCachedResponse.WriteAsync(context);

        responseHeaders.Write(response, result);
        if (result.Document is not { } user)
            return ProblemWriter.WriteAsync(context, ProblemKind.UserNotFound);

        var headers = response.Headers;
        headers.ETag = user.ETag;
        headers.LastModified = user.LastModified.ToString("R");
        if (EntityTags.Match(context.Request.Headers.IfNoneMatch, user.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        headers.ContentType = "application/json";
        headers.ContentLength = user.Body.Length;

        // Without the request's token, which the server creates on first use. A write ends with its connection in any case.
        if (user.Body.Length > BodyPortions.Size)
            return response.BodyWriter.WriteInPortionsAsync(user.Body, CancellationToken.None).AsTask();

        var writing = response.BodyWriter.WriteAsync(user.Body, CancellationToken.None);
        return writing.IsCompletedSuccessfully ? Task.CompletedTask : writing.AsTask();
    }
}
