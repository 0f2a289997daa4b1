namespace Lookup.Functions.Http;

/// <summary>
/// The middleware for connections that were accepted beyond the limit: each of them gets a single response, and only health requests are
/// served.
/// </summary>
internal sealed class FullServerMiddleware(RequestDelegate next)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        if (!ConnectionGuard.IsForHealthOnly(context))
            return next(context);

        context.Response.Headers.Connection = "close";
        return context.Request.Path.StartsWithSegments("/api/health")
            ? next(context)
            : ProblemWriter.WriteAsync(
                context, ProblemKind.TooManyConnections, "Only health requests are served until there are fewer connections, of all clients or of this address.", RetryAfter);
    }
}
