using Microsoft.Net.Http.Headers;

namespace Lookup.Functions.Http;

/// <summary>
/// The evaluation of the preconditions of a <c>GET</c> or <c>HEAD</c> request, in the order of RFC 9110 §13.2.2. Without the conditions, the
/// response must be 200 (§13.2.1).
/// </summary>
/// <remarks><c>If-Modified-Since</c> is not evaluated: it cannot distinguish two versions within one second (§13.1.3).</remarks>
internal static class Preconditions
{
    /// <summary>Evaluates the preconditions.</summary>
    /// <param name="request">The header fields of the request.</param>
    /// <param name="entityTag">The entity tag of the response, or <see langword="null"/> if it has none.</param>
    /// <param name="lastModified">The <c>Last-Modified</c> of the response, or <see langword="null"/> if it has none.</param>
    public static Precondition Evaluate(IHeaderDictionary request, string? entityTag = null, DateTimeOffset? lastModified = null)
    {
        var ifMatch = request.IfMatch;
        if (ifMatch.Count > 0)
        {
            if (!EntityTags.ContainsAny(ifMatch) && (entityTag is null || !EntityTags.ContainsStrongly(ifMatch, entityTag)))
                return Precondition.Failed;
        }
        else if (lastModified is { } time && IsUnmodifiedSinceViolated(request, time))
        {
            return Precondition.Failed;
        }

        var ifNoneMatch = request.IfNoneMatch;
        return ifNoneMatch.Count > 0
            && (EntityTags.ContainsAny(ifNoneMatch) || (entityTag is not null && EntityTags.ContainsWeakly(ifNoneMatch, entityTag)))
            ? Precondition.NotModified
            : Precondition.Passed;
    }

    /// <summary>Writes the response to a request whose precondition failed.</summary>
    public static Task WriteFailedAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var detail = context.Request.Headers.IfMatch.Count > 0
            ? "No entity tag in If-Match matches the current representation by strong comparison. A weak entity tag, such as that of a user, never matches; * does."
            : "The current representation was modified after the time in If-Unmodified-Since.";
        return ProblemWriter.WriteAsync(context, ProblemKind.PreconditionFailed, detail);
    }

    /// <summary>Evaluates <c>If-Unmodified-Since</c> (§13.1.4). A value that is not one date is ignored.</summary>
    private static bool IsUnmodifiedSinceViolated(IHeaderDictionary request, DateTimeOffset lastModified) =>
        request.IfUnmodifiedSince is [{ } field] && HeaderUtilities.TryParseDate(field, out var since) && lastModified > since;
}

/// <summary>Specifies the result of the evaluation of preconditions.</summary>
internal enum Precondition
{
    /// <summary>The response is 200.</summary>
    Passed,

    /// <summary>The response is 304, because the client has the current representation (<c>If-None-Match</c>).</summary>
    NotModified,

    /// <summary>The response is 412, because <c>If-Match</c> or <c>If-Unmodified-Since</c> is false.</summary>
    Failed,
}
