using System.Diagnostics;
using System.Globalization;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// Middleware that creates the span of a request, with the attributes of OpenTelemetry's semantic conventions for HTTP. ASP.NET Core's own
/// activity is not used because it is created for every request and records the path, which contains the user id. This span records the
/// route template instead.
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
                // An exception gets here only if the response had started or the client had disconnected.
                // Only the type is recorded: the message may contain a user id.
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

    /// <summary>Returns the method if it is a known one. Any other is text of the client's choice and is not recorded.</summary>
    private static string Known(string method) =>
        HttpMethods.IsGet(method) ? "GET"
        : HttpMethods.IsHead(method) ? "HEAD"
        : HttpMethods.IsPost(method) ? "POST"
        : HttpMethods.IsDelete(method) ? "DELETE"
        : "_OTHER";
}
