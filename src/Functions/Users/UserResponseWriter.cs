using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary>Writes the answer to a lookup of one user: the stored bytes as they are, and how they came about in the headers.</summary>
internal sealed class UserResponseWriter(LookupResponseHeaders answerHeaders, RequestCounters requests)
{
    public Task WriteAsync(HttpContext context, in LookupResult answer)
    {
        requests.Count(LookupFunction.GetUser, answer);
        var response = context.Response;
        if (answer.Status == LookupStatus.NotCached)
            return NotCachedResponse.WriteAsync(context);

        answerHeaders.Write(response, answer);
        if (answer.Document is not { } user)
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

        // Without the request's token, which the server makes when it is first asked for: a write ends with its connection all the same.
        if (user.Body.Length > BodyPortions.Size)
            return response.BodyWriter.WriteInPortionsAsync(user.Body, CancellationToken.None).AsTask();

        var writing = response.BodyWriter.WriteAsync(user.Body, CancellationToken.None);
        return writing.IsCompletedSuccessfully ? Task.CompletedTask : writing.AsTask();
    }
}
