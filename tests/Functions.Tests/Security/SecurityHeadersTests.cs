using System.Net;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Http;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Security;

/// <summary>The headers of every response for browsers and caches, and the absence of internal details.</summary>
public sealed class SecurityHeadersTests(SharedService shared)
{
    [Fact]
    public async Task Every_route_sends_nosniff_and_pages_send_a_content_security_policy()
    {
        // A separate instance, because one of the routes clears the cache.
        await using var service = await Service.StartUnarmedAsync(shared.Store.ConnectionString);
        var wrong = new List<string>();
        foreach (var (method, path, _) in Routes(service))
        {
            var response = await service.SendAsync(method, path.Replace("{id}", "nobody", StringComparison.Ordinal), null);

            if (response["X-Content-Type-Options"] != "nosniff")
                wrong.Add($"{method} {path} does not send nosniff");
            if (response["Server"] is not null)
                wrong.Add($"{method} {path} names the server");
            if (response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) is true
                && response["Content-Security-Policy"]?.Contains("default-src", StringComparison.Ordinal) is not true)
                wrong.Add($"{method} {path} is a page without a Content-Security-Policy");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Every_route_except_health_root_and_reference_requires_a_key()
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, ("Lookup__Keys__0", "lookup-key-000001"), ("Lookup__AdminKeys__0", "admin-key-0000001"));
        var open = new List<string>();
        foreach (var (method, path, level) in Routes(service))
        {
            var target = path.Replace("{id}", "nobody", StringComparison.Ordinal);
            var none = await service.SendAsync(method, target, null);
            var users = await service.SendAsync(method, target, null, ("x-functions-key", "lookup-key-000001"));

            if (none.Status != HttpStatusCode.Unauthorized)
                open.Add(path);
            Assert.Equal(level is Access.Administrator, users.Status == HttpStatusCode.Forbidden);
        }

        // An addition to this list is a decision: see docs/security.md. The API reference is a page without data, and four files.
        Assert.Equal(
            [
                "/", "/api/docs", "/api/docs/docs.js", "/api/docs/favicon.svg", "/api/docs/scalar.aspnetcore.js", "/api/docs/scalar.js",
                "/api/health/live", "/api/health/ready",
            ],
            open.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync("/nowhere")).Status); // unknown paths are not revealed without a key
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_response_allows_cross_origin_reads(bool isBehindFunctionsHost)
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, isBehindFunctionsHost ? [("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}")] : []);
        var routes = Routes(service).ToArray();
        foreach (var (method, path, _) in routes)
        {
            var target = path.Replace("{id}", "nobody", StringComparison.Ordinal);
            var response = await service.SendAsync(method, target, null, ("Origin", "https://evil.example"));
            var preflight = await service.SendAsync(
                HttpMethod.Options,
                target,
                null,
                ("Origin", "https://evil.example"),
                ("Access-Control-Request-Method", method.Method),
                ("Access-Control-Request-Headers", "content-type,x-functions-key"));

            Assert.DoesNotContain(response.Headers.Keys, IsPermission);
            Assert.DoesNotContain(preflight.Headers.Keys, IsPermission);
            Assert.True((int)preflight.Status >= 400, $"{path}: {preflight.Status}"); // a browser requires a 2xx
        }

        Assert.Equal(isBehindFunctionsHost, routes.Any(route => route.Path == "/EvictStaleUsers"));

        static bool IsPermission(string name) => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Unhandled_exception_returns_500_without_internal_details()
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, services => services.AddSingleton<IUserStore, BrokenStore>(), ("Logging__LogLevel__Default", "None"));

        var response = await service.GetAsync("/api/users/ada");

        response.ShouldBeProblem(500, "internal");
        Assert.Equal("no-store", response["Cache-Control"]);
        foreach (var inside in (string[])["secret", "Exception", "   at ", "Lookup.", ".cs"])
            Assert.DoesNotContain(inside, response.Text);
    }

    private static IEnumerable<(HttpMethod Method, string Path, Access Level)> Routes(Service service) =>
        service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(
            endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods,
            (endpoint, method) => (
                new HttpMethod(method), endpoint.RoutePattern.RawText!, endpoint.Metadata.GetRequiredMetadata<AccessLevel>().Level));

    private sealed class BrokenStore : IUserStore
    {
        public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
            throw new InvalidDataException("secret");

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            throw new InvalidDataException("secret");

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            throw new InvalidDataException("secret");
    }
}
