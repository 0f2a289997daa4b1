using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Eviction;
using Lookup.Functions.Http;
using Lookup.Functions.OpenApi;
using Lookup.Functions.Operations.Dashboard;
using Lookup.Functions.Operations.Health;
using Lookup.Functions.Operations.Statistics;
using Lookup.Functions.Telemetry;
using Lookup.Functions.Users;

namespace Lookup.Functions.Hosting;

/// <summary>The routes of the service, with the function and the access level of each.</summary>
internal static class Endpoints
{
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    public static void MapLookup(this WebApplication app)
    {
        var services = app.Services;

        // The Functions host polls this route to detect that the process is ready.
        app.MapMethods("/", GetOrHead, static context => context.Response.WriteAsync("Lookup\n", context.RequestAborted))
            .For(Access.Anonymous);

        var run = services.GetRequiredService<FunctionRun>();
        var getUser = services.GetRequiredService<GetUser>();
        var findUsers = services.GetRequiredService<FindUsers>();
        var lookupUsers = services.GetRequiredService<LookupUsers>();
        app.MapMethods("/api/users/{id}", GetOrHead, context => run.RunAsync(LookupFunction.GetUser, context, getUser.RunAsync)).For(Access.Lookup, ApiOperations.GetUser, new NarrowedBy(PartitionKey: true));
        app.MapMethods("/api/users", GetOrHead, context => run.RunAsync(LookupFunction.FindUsers, context, findUsers.RunAsync))
            .For(
                Access.Lookup,
                ApiOperations.FindUsers(services.GetRequiredService<DocumentShape>().AlternateKeys.Select(path => path.Name)),
                new NarrowedBy(AlternateKeys: true));
        app.MapPost("/api/users/lookup", context => run.RunAsync(LookupFunction.LookupUsers, context, lookupUsers.RunAsync)).For(Access.Lookup, ApiOperations.LookupUsers);

        var evictUser = services.GetRequiredService<EvictUser>();
        var clearCache = services.GetRequiredService<ClearCache>();
        var getStatistics = services.GetRequiredService<GetStatistics>();
        app.MapDelete("/api/cache/users/{id}", context => evictUser.RunAsync(context)).For(Access.Administrator, ApiOperations.EvictUser, new NarrowedBy(PartitionKey: true));
        app.MapDelete("/api/cache", context => clearCache.RunAsync(context)).For(Access.Administrator, ApiOperations.ClearCache);
        app.MapMethods("/api/stats", GetOrHead, context => getStatistics.RunAsync(context))
            .For(Access.Administrator, ApiOperations.GetStatistics);
        var getDashboard = services.GetRequiredService<GetDashboard>();
        app.MapMethods("/api/dashboard", GetOrHead, context => getDashboard.RunAsync(context)).For(Access.Administrator);

        var health = services.GetRequiredService<HealthEndpoint>();
        app.MapMethods("/api/health/live", GetOrHead, HealthEndpoint.LiveAsync).For(Access.Anonymous, ApiOperations.GetLiveness);
        app.MapMethods("/api/health/ready", GetOrHead, context => health.ReadyAsync(context))
            .For(Access.Anonymous, ApiOperations.GetReadiness);
        app.MapOpenApi("/api/openapi.json").For(Access.Lookup, ApiOperations.GetDocument);
        if (services.GetRequiredService<LookupSettings>().ApiReference)
            app.MapApiReference();
    }

    private static void For(this IEndpointConventionBuilder endpoint, Access level, ApiOperation? operation = null, NarrowedBy? narrowedBy = null)
    {
        endpoint.WithMetadata(new AccessLevel(level));
        if (level != Access.Anonymous)
            endpoint.WithMetadata(narrowedBy ?? new NarrowedBy());
        if (operation is not null)
            endpoint.WithMetadata(operation);
    }
}
