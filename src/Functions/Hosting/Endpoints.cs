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
        app.MapMethods(Routes.Prefix + Routes.User, GetOrHead, context => run.RunAsync(LookupFunction.GetUser, context, getUser.RunAsync)).For(Access.Lookup, ApiOperations.GetUser, new NarrowedBy(PartitionKey: true));
        app.MapMethods(Routes.Prefix + Routes.Users, GetOrHead, context => run.RunAsync(LookupFunction.FindUsers, context, findUsers.RunAsync))
            .For(
                Access.Lookup,
                ApiOperations.FindUsers(services.GetRequiredService<DocumentShape>().AlternateKeys.Select(path => path.Name)),
                new NarrowedBy(AlternateKeys: true));
        app.MapPost(Routes.Prefix + Routes.UsersLookup, context => run.RunAsync(LookupFunction.LookupUsers, context, lookupUsers.RunAsync)).For(Access.Lookup, ApiOperations.LookupUsers);

        var evictUser = services.GetRequiredService<EvictUser>();
        var clearCache = services.GetRequiredService<ClearCache>();
        var getStatistics = services.GetRequiredService<GetStatistics>();
        app.MapDelete(Routes.Prefix + Routes.CachedUser, context => evictUser.RunAsync(context)).For(Access.Administrator, ApiOperations.EvictUser, new NarrowedBy(PartitionKey: true));
        app.MapDelete(Routes.Prefix + Routes.Cache, context => clearCache.RunAsync(context)).For(Access.Administrator, ApiOperations.ClearCache);
        app.MapMethods(Routes.Prefix + Routes.Statistics, GetOrHead, context => getStatistics.RunAsync(context))
            .For(Access.Administrator, ApiOperations.GetStatistics, new NarrowedBy(TakesOthers: true));
        var getDashboard = services.GetRequiredService<GetDashboard>();
        app.MapMethods(Routes.Prefix + Routes.Dashboard, GetOrHead, context => getDashboard.RunAsync(context))
            .For(Access.Administrator, narrowedBy: new NarrowedBy(TakesOthers: true));

        var health = services.GetRequiredService<HealthEndpoint>();
        app.MapMethods(Routes.Prefix + Routes.Live, GetOrHead, HealthEndpoint.LiveAsync).For(Access.Anonymous, ApiOperations.GetLiveness);
        app.MapMethods(Routes.Prefix + Routes.Ready, GetOrHead, context => health.ReadyAsync(context))
            .For(Access.Anonymous, ApiOperations.GetReadiness);
        app.MapOpenApi(Routes.Prefix + Routes.OpenApi).For(Access.Lookup, ApiOperations.GetDocument, new NarrowedBy(TakesOthers: true));
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
