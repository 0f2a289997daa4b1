using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// Says of the server's own span what the request was, in the words of OpenTelemetry's semantic conventions for HTTP. The server can do
/// that itself, but then names the path, and the path names the user: here the route stands in its place.
/// </summary>
internal sealed class ServerSpan(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        LookupTracing.IsOn && context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span
            ? DescribeAsync(context, span)
            : next(context);

    private async Task DescribeAsync(HttpContext context, Activity span)
    {
        await next(context);
        var request = context.Request;
        var method = Known(request.Method);
        span.SetTag("http.request.method", method);
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("network.protocol.version", request.Protocol.Replace("HTTP/", "", StringComparison.Ordinal));
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.SetTag("http.route", route);
            span.DisplayName = $"{method} {route}";
        }
        else
        {
            span.DisplayName = method;
        }

        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", context.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture));
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
