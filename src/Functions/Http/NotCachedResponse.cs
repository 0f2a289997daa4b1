namespace Lookup.Functions.Http;

/// <summary>The answer to <c>only-if-cached</c> where memory has nothing to give (RFC 9111 §5.2.1.7).</summary>
internal static class NotCachedResponse
{
    public static Task WriteAsync(HttpContext context)
    {
        context.Response.Headers["Cache-Status"] = CacheStatus.OnlyIfCached;
        return ProblemWriter.WriteAsync(
            context, ProblemKind.NotCached, "Nothing in memory is fresh enough, and the request asked not to read.");
    }
}
