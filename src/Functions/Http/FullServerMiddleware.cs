namespace Lookup.Functions.Http;

/// <summary>A connection that was accepted although the server had as many as it may gets one response, about health.</summary>
internal sealed class FullServerMiddleware(RequestDelegate next)
{
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        if (!ConnectionGuard.IsForHealthAlone(context))
            return next(context);

        context.Response.Headers.Connection = "close";
        return context.Request.Path.StartsWithSegments("/api/health")
            ? next(context)
            : ProblemWriter.WriteAsync(context, ProblemKind.TooManyConnections, "Only its health can be asked for until there are fewer.", Shortly);
    }
}
