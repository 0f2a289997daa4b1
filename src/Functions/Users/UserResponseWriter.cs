using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary>The writer of the response to a lookup of one user: the stored bytes, unchanged, and the header fields.</summary>
internal sealed class UserResponseWriter(LookupResponseHeaders responseHeaders, RequestCounters requests, ResponseMemory memory)
{
    /// <summary>Writes the response.</summary>
    /// <param name="context">The context of the request.</param>
    /// <param name="result">The result of the lookup.</param>
    /// <param name="held">The memory that was taken for the user before it was read, or <see langword="null"/> if it was cached.</param>
    public Task WriteAsync(HttpContext context, in LookupResult result, ByteLease? held = null)
    {
        var response = context.Response;
        if (result.Status == LookupStatus.NotCached)
        {
            requests.Count(LookupFunction.GetUser, result);
            return NotCachedResponse.WriteAsync(context);
        }

        responseHeaders.Write(response, result);
        if (result.Document is not { } user)
        {
            requests.Count(LookupFunction.GetUser, result);
            return ProblemWriter.WriteAsync(context, ProblemKind.UserNotFound);
        }

        var headers = response.Headers;
        var entityTag = EntityTags.Weak(user.ETag);
        headers.ETag = entityTag;
        headers.LastModified = user.LastModified.ToString("R");
        switch (Preconditions.Evaluate(context.Request.Headers, entityTag, user.LastModified))
        {
            case Precondition.Failed:
                requests.Count(LookupFunction.GetUser, result);
                return Preconditions.WriteFailedAsync(context);

            case Precondition.NotModified:
                requests.Count(LookupFunction.GetUser, result);
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
        }

        headers.ContentType = "application/json";
        headers.ContentLength = user.Body.Length;
        if (user.Body.Length > BodyPortions.Size)
            return WriteLargeAsync(context, result, user.Body, held);

        requests.Count(LookupFunction.GetUser, result);

        // Without the request's token, which the server creates on first use. A write ends with its connection in any case.
        held?.Resize(0);
        var writing = response.BodyWriter.WriteAsync(user.Body, CancellationToken.None);
        return writing.IsCompletedSuccessfully ? Task.CompletedTask : writing.AsTask();
    }

    private async Task WriteLargeAsync(HttpContext context, LookupResult result, ReadOnlyMemory<byte> body, ByteLease? held)
    {
        held?.Resize(body.Length);
        using var taken = held is null ? await memory.TakeAsync(body.Length, context.RequestAborted) : null;
        requests.Count(LookupFunction.GetUser, result); // a request that got no memory has failed instead
        await context.Response.BodyWriter.WriteInPortionsAsync(body, context.RequestAborted);
    }
}
