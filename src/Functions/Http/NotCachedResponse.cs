namespace Lookup.Functions.Http;

/// <summary>The response to <c>only-if-cached</c> if there is no suitable cached result (RFC 9111 §5.2.1.7).</summary>
internal static class NotCachedResponse
{
    public static Task WriteAsync(HttpContext context)
    {
        context.Response.Headers["Cache-Status"] = CacheStatus.OnlyIfCached;
        return ProblemWriter.WriteAsync(
            context, ProblemKind.NotCached, "No cached result is fresh enough, and the request specifies only-if-cached.");
    }
}
