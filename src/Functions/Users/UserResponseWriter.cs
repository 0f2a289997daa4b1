using Lookup.Domain.Caching;
using Lookup.Functions.Hosting;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>Writes the answer to a lookup of one user: the stored bytes in one go, and how they came about in the headers.</summary>
internal sealed class UserResponseWriter(LookupSettings settings)
{
    public async Task WriteAsync(HttpContext context, UserAnswer answer)
    {
        var response = context.Response;
        response.Headers["Cache-Status"] = answer.Origin == AnswerOrigin.Hit ? "lookup; hit" : "lookup; fwd=miss";
        if (answer.Document is not { } user)
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.UserNotFound);
            return;
        }

        response.ContentType = "application/json";
        response.ContentLength = user.Body.Length;
        response.Headers.ETag = user.ETag;
        response.Headers.CacheControl = settings.CacheControl;
        response.Headers.XContentTypeOptions = "nosniff";
        await response.BodyWriter.WriteAsync(user.Body, context.RequestAborted);
    }
}
