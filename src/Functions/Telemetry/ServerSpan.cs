using System.Diagnostics;
using System.Globalization;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The span of a request, in the words of OpenTelemetry's semantic conventions for HTTP. The server could make it itself, but would do so
/// for every request, and name the path, and the path names the user: here the route stands in its place.
/// </summary>
internal sealed class ServerSpan(RequestDelegate next, HeadSampling sampling)
{
    public Task InvokeAsync(HttpContext context) =>
        sampling.Start(context.Request.Headers) is { } span ? TraceAsync(context, span) : next(context);

    private async Task TraceAsync(HttpContext context, Activity span)
    {
        using (span)
        {
            try
            {
                await next(context);
                Describe(span, context, context.Response.StatusCode);
            }
            catch (Exception e)
            {
                // The answer had begun, or nobody would have read it. The type alone: a message may name a user.
                Describe(span, context, context.Response.StatusCode);
                span.SetTag("error.type", e.GetType().FullName);
                span.SetStatus(ActivityStatusCode.Error);
                throw;
            }
        }
    }

    private static void Describe(Activity span, HttpContext context, int status)
    {
        if (!span.IsAllDataRequested)
            return;

        var request = context.Request;
        var method = Known(request.Method);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("network.protocol.version", request.Protocol.Replace("HTTP/", "", StringComparison.Ordinal));
        span.SetTag("http.response.status_code", status);
        if (route is not null)
            span.SetTag("http.route", route);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>A method is the caller's text: only those of HTTP are told.</summary>
    private static string Known(string method) =>
        HttpMethods.IsGet(method) ? "GET"
        : HttpMethods.IsHead(method) ? "HEAD"
        : HttpMethods.IsPost(method) ? "POST"
        : HttpMethods.IsDelete(method) ? "DELETE"
        : "_OTHER";
}
