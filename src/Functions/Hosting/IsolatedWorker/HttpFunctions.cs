using System.Reflection;
using Lookup.Functions.Eviction;
using Lookup.Functions.Http;
using Lookup.Functions.Users;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>The HTTP functions, as the Functions host sees them: the name, the methods, the route and the required key of each.</summary>
/// <remarks>
/// This is the only declaration of routes, methods and keys. The worker's metadata and the <c>function.json</c> files of the custom handler are generated from it.
/// All functions run the same pipeline, which selects the endpoint by the route.
/// </remarks>
public static class HttpFunctions
{
    /// <summary>Gets the names of the functions, in ordinal order. For a custom handler, they are the names of their folders.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(HttpFunctions).GetMethods()
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>().Order(StringComparer.Ordinal),
    ];

    [Function(nameof(GetUser))]
    public static Task<HttpResponseData> GetUserAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.User)] HttpRequestData req) => ServeAsync(req, Routes.User);

    [Function(nameof(FindUsers))]
    public static Task<HttpResponseData> FindUsersAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.Users)] HttpRequestData req) => ServeAsync(req, Routes.Users);

    [Function(nameof(LookupUsers))]
    public static Task<HttpResponseData> LookupUsersAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.UsersLookup)] HttpRequestData req) => ServeAsync(req, Routes.UsersLookup);

    [Function(nameof(EvictUser))]
    public static Task<HttpResponseData> EvictUserAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = Routes.CachedUser)] HttpRequestData req) => ServeAsync(req, Routes.CachedUser);

    [Function(nameof(ClearCache))]
    public static Task<HttpResponseData> ClearCacheAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = Routes.Cache)] HttpRequestData req) => ServeAsync(req, Routes.Cache);

    [Function("Statistics")]
    public static Task<HttpResponseData> GetStatisticsAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = Routes.Statistics)] HttpRequestData req) => ServeAsync(req, Routes.Statistics);

    [Function("Dashboard")]
    public static Task<HttpResponseData> GetDashboardAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = Routes.Dashboard)] HttpRequestData req) => ServeAsync(req, Routes.Dashboard);

    [Function("Health")]
    public static Task<HttpResponseData> GetHealthAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Health)] HttpRequestData req) => ServeAsync(req, Routes.Health);

    [Function("OpenApi")]
    public static Task<HttpResponseData> GetOpenApiAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.OpenApi)] HttpRequestData req) => ServeAsync(req, Routes.OpenApi);

    [Function("Docs")]
    public static Task<HttpResponseData> GetDocsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Docs)] HttpRequestData req) => ServeAsync(req, Routes.Docs);

    private static Task<HttpResponseData> ServeAsync(HttpRequestData request, string route) =>
        request.FunctionContext.InstanceServices.GetRequiredService<WorkerServer>().InvokeAsync(request, route);
}
