using System.Net;

namespace Lookup.Functions.Http;

/// <summary>
/// Without keys, accepts only requests whose <c>Host</c> is a name of this machine. A site can let its own name resolve to 127.0.0.1 (DNS
/// rebinding); its page would be of the same origin then, and could read responses. But <c>Host</c> has the site's name.
/// </summary>
internal sealed class LoopbackHostMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => InvokeAsync(
        context,
        next,
        "With no key set the service is for this machine alone: call it as 127.0.0.1, [::1] or localhost, or set Lookup__Keys__0.");

    /// <summary>Restricts an endpoint to the Functions host, which calls it on the loopback address whatever its own clients call.</summary>
    public static RequestDelegate ForHostOnly(RequestDelegate next) =>
        context => InvokeAsync(context, next, "The Functions host alone calls this, at 127.0.0.1.");

    private static Task InvokeAsync(HttpContext context, RequestDelegate next, string detail) =>
        IsLoopback(context.Request.Host.Value) ? next(context) : ProblemWriter.WriteAsync(context, ProblemKind.MisdirectedRequest, detail);

    /// <summary>Without a host the request is HTTP/1.0, which no browser speaks.</summary>
    private static bool IsLoopback(string? value)
    {
        var host = value.AsSpan();
        if (host.IsEmpty)
            return true;

        var port = host.LastIndexOf(':');
        if (port > host.LastIndexOf(']'))
            host = host[..port];
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim("[]"), out var address) && IPAddress.IsLoopback(address));
    }
}
