using System.Net;

namespace Lookup.Functions.Http;

/// <summary>
/// The middleware for a service without keys, which accepts only requests with a name of this machine as the <c>Host</c>. A site can
/// resolve its own name to 127.0.0.1 (DNS rebinding), so that its page has the same origin and could read responses. <c>Host</c>,
/// however, then contains the name of the site.
/// </summary>
internal sealed class LoopbackHostMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => InvokeAsync(
        context,
        next,
        "Without keys, the service accepts only the hosts 127.0.0.1, [::1] and localhost. Use one of these, or set Lookup__Keys__0.");

    /// <summary>Restricts an endpoint to the Functions host, which calls it on the loopback address whatever its own clients call.</summary>
    public static RequestDelegate ForHostOnly(RequestDelegate next) =>
        context => InvokeAsync(context, next, "This address is called by the Functions host only, at 127.0.0.1.");

    private static Task InvokeAsync(HttpContext context, RequestDelegate next, string detail) =>
        IsLoopback(context.Request.Host.Value) ? next(context) : ProblemWriter.WriteAsync(context, ProblemKind.MisdirectedRequest, detail);

    /// <summary>
    /// Determines whether a host is a name of this machine. A request without a host is HTTP/1.0, which browsers do not use.
    /// </summary>
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
