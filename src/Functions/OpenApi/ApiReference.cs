using System.Security.Cryptography;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Scalar.AspNetCore;

namespace Lookup.Functions.OpenApi;

/// <summary><c>GET /api/docs/</c>: the API reference page, which displays the OpenAPI description.</summary>
/// <remarks>
/// The page and its scripts are public, because they contain nothing of this service. The description that they load requires a key.
/// </remarks>
internal static class ApiReference
{
    private const string Route = Routes.Prefix + Routes.DocsPage;
    private const string Start = "docs.js";

    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    public static void MapApiReference(this IEndpointRouteBuilder routes)
    {
        var start = new StaticFile("text/javascript; charset=utf-8", Read(Start));
        routes.MapMethods($"{Route}/{Start}", GetOrHead, start.WriteAsync).WithMetadata(new AccessLevel(Access.Anonymous));
        var page = routes.MapScalarApiReference(Route, Configure).WithMetadata(new AccessLevel(Access.Anonymous));
        page.Add(Narrow);
        page.Finally(endpoint => Keep(endpoint, routes.ServiceProvider));
    }

    /// <summary>
    /// Keeps the package's scripts and its icon in memory. The package decompresses them for each request, which takes about 25 ms of
    /// processor time, even if the client has disconnected.
    /// </summary>
    private static void Keep(EndpointBuilder endpoint, IServiceProvider services)
    {
        if (endpoint is not RouteEndpointBuilder { RequestDelegate: { } make } file || !IsFile(file.RoutePattern))
            return;

        var kept = new Lazy<Task<StaticFile>>(() => StaticFile.CreateAsync(make, services));
        file.RequestDelegate = async context => await (await kept.Value).WriteAsync(context);
    }

    private static bool IsFile(RoutePattern route) => route.RawText?.LastIndexOf('.') > route.RawText?.LastIndexOf('/');

    /// <summary>
    /// Restricts the package's routes to named files, and adds HEAD. The package treats any segment below the page as the name of a
    /// description, and returns the page for each. It maps GET only, but a resource that supports GET also supports HEAD (RFC 9110 §9.1).
    /// </summary>
    private static void Narrow(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.Parameters.Count: > 0 } page)
            page.RoutePattern = RoutePatternFactory.Parse(Route);
        for (var i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is IHttpMethodMetadata)
                endpoint.Metadata[i] = new HttpMethodMetadata(GetOrHead);
        }
    }

    private static void Configure(ScalarOptions options, HttpContext context)
    {
        var nonce = RandomNumberGenerator.GetHexString(32);
        options
            .WithTitle("Lookup API")
            .WithOpenApiRoutePattern(Routes.Prefix + Routes.OpenApi)
            .WithJavaScriptConfiguration($"{Route}/{Start}")
            .WithDynamicBaseServerUrl()
            .WithNonce(nonce)
            .AddHeadContent("""<link rel="icon" href="favicon.svg">""")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools();

        // Allows the package's page, scripts and styles, and requests to their origin. All else is blocked, whatever the package contains.
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:;"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
    }

    private static byte[] Read(string name)
    {
        var type = typeof(ApiReference);
        using var stream = type.Assembly.GetManifestResourceStream(type, name)
            ?? throw new InvalidOperationException($"The resource '{name}' is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
