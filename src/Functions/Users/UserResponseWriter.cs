using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary>Writes the answer to a lookup of one user: the stored bytes in one go, and how they came about in the headers.</summary>
internal sealed class UserResponseWriter(AnswerHeaders answerHeaders, RequestCounters requests)
{
    public Task WriteAsync(HttpContext context, in UserAnswer answer)
    {
        requests.Count(LookupFunction.GetUser, answer);
        var response = context.Response;
        if (answer.Status == AnswerStatus.NotCached)
            return NotCached.WriteAsync(context);

        answerHeaders.Write(response, answer);
        if (answer.Document is not { } user)
            return ProblemWriter.WriteAsync(context, ProblemKind.UserNotFound);

        response.Headers.ETag = user.ETag;
        response.Headers.LastModified = user.LastModified.ToString("R");
        if (EntityTags.Match(context.Request.Headers.IfNoneMatch, user.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = "application/json";
        response.ContentLength = user.Body.Length;
        return response.BodyWriter.WriteAsync(user.Body, context.RequestAborted).AsTask();
    }
}
