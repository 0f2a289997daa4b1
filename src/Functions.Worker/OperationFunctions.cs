using Lookup.Functions.Eviction;
using Lookup.Functions.Operations.Dashboard;
using Lookup.Functions.Operations.Health;
using Lookup.Functions.Operations.Statistics;
using Microsoft.Azure.Functions.Worker;

namespace Lookup.Functions.Worker;

/// <summary>The functions for administrators and for health probes.</summary>
public static class OperationFunctions
{
    [Function(nameof(EvictUser))]
    public static Task<IResult> EvictUserAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = "cache/users/{id}")] HttpRequest request) =>
        EndpointRunner.RunAsync<EvictUser>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function(nameof(ClearCache))]
    public static Task<IResult> ClearCacheAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "delete", Route = "cache")] HttpRequest request) =>
        EndpointRunner.RunAsync<ClearCache>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function("Statistics")]
    public static Task<IResult> StatisticsAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = "stats")] HttpRequest request) =>
        EndpointRunner.RunAsync<GetStatistics>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function("Dashboard")]
    public static Task<IResult> DashboardAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", "head", Route = "dashboard")] HttpRequest request) =>
        EndpointRunner.RunAsync<GetDashboard>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function("HealthLive")]
    public static Task<IResult> LiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health/live")] HttpRequest request) =>
        EndpointRunner.RunAsync<HealthEndpoint>(request, (_, context) => HealthEndpoint.LiveAsync(context));

    [Function("HealthReady")]
    public static Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health/ready")] HttpRequest request) =>
        EndpointRunner.RunAsync<HealthEndpoint>(request, (endpoint, context) => endpoint.ReadyAsync(context));
}
