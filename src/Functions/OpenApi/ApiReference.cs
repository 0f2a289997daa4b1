using System.Security.Cryptography;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Scalar.AspNetCore;

namespace Lookup.Functions.OpenApi;

/// <summary><c>GET /api/docs/</c>: the API reference for people, drawn from the description.</summary>
/// <remarks>
/// The page and its scripts are anybody's: they hold nothing of this service. The description that they draw asks for a key.
/// </remarks>
internal static class ApiReference
{
    private const string Route = "/api/docs";
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
    /// Keeps the package's scripts and its icon in memory. It unpacks them for each request, which takes a processor some 25 ms, also for
    /// a client that has gone.
    /// </summary>
    private static void Keep(EndpointBuilder endpoint, IServiceProvider services)
    {
        if (endpoint is not RouteEndpointBuilder { RequestDelegate: { } make } file || !IsFile(file.RoutePattern))
            return;

        var kept = new Lazy<Task<StaticFile>>(() => StaticFile.TakeAsync(make, services));
        file.RequestDelegate = async context => await (await kept.Value).WriteAsync(context);
    }

    private static bool IsFile(RoutePattern route) => route.RawText?.LastIndexOf('.') > route.RawText?.LastIndexOf('/');

    /// <summary>
    /// Makes the package's routes those of named files. It takes any segment below the page for the name of a description, and would
    /// answer each with the page; and it maps GET only, though whatever answers GET answers HEAD (RFC 9110 §9.1).
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
            .WithOpenApiRoutePattern("/api/openapi.json")
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

        // The package's page, scripts and styles, and requests to where they came from. Nothing else, whatever the package has in mind.
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
            ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
