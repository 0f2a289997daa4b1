namespace Lookup.Functions.Http;

/// <summary>While the server has as many connections as it may, a connection that was let in all the same gets one answer, about health.</summary>
internal sealed class FullServerMiddleware(RequestDelegate next, ConnectionGuard guard)
{
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        if (!guard.IsFull || !ConnectionGuard.IsForHealthAlone(context))
            return next(context);

        context.Response.Headers.Connection = "close";
        return context.Request.Path.StartsWithSegments("/api/health")
            ? next(context)
            : ProblemWriter.WriteAsync(context, ProblemKind.TooManyConnections, "Only its health can be asked for until there are fewer.", Shortly);
    }
}
