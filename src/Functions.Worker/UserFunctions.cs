using Lookup.Functions.Users;
using Microsoft.Azure.Functions.Worker;

namespace Lookup.Functions.Worker;

/// <summary>The functions that look up users.</summary>
public static class UserFunctions
{
    [Function(nameof(GetUser))]
    public static Task<IResult> GetUserAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "users/{id}")] HttpRequest request) =>
        EndpointRunner.RunAsync<GetUser>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function(nameof(FindUsers))]
    public static Task<IResult> FindUsersAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "users")] HttpRequest request) =>
        EndpointRunner.RunAsync<FindUsers>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function(nameof(LookupUsers))]
    public static Task<IResult> LookupUsersAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "users/lookup")] HttpRequest request) =>
        EndpointRunner.RunAsync<LookupUsers>(request, (endpoint, context) => endpoint.RunAsync(context));
}
