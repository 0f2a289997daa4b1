using Lookup.Functions.Users;
using Microsoft.Azure.Functions.Worker;

namespace Lookup.Functions.Worker;

/// <summary>Looks users up.</summary>
public static class UserFunctions
{
    [Function(nameof(GetUser))]
    public static Task<IResult> GetUserAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "users/{id}")] HttpRequest request) =>
        Answer.With<GetUser>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function(nameof(FindUsers))]
    public static Task<IResult> FindUsersAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "users")] HttpRequest request) =>
        Answer.With<FindUsers>(request, (endpoint, context) => endpoint.RunAsync(context));

    [Function(nameof(LookupUsers))]
    public static Task<IResult> LookupUsersAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "users/lookup")] HttpRequest request) =>
        Answer.With<LookupUsers>(request, (endpoint, context) => endpoint.RunAsync(context));
}
