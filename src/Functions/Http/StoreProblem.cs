using Lookup.Domain.Stores;

namespace Lookup.Functions.Http;

/// <summary>The response to a request that failed because of the store. The store's own error messages are only logged.</summary>
internal static class StoreProblem
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    public static Task WriteAsync(HttpContext context, UserStoreException exception)
    {
        var detail = exception.Failure switch
        {
            UserStoreFailure.TimedOut => "The user store did not respond in time.",
            UserStoreFailure.Throttled => "The user store is throttling requests.",
            UserStoreFailure.Refused => "The user store denied access to this service. Contact the service operator.",
            UserStoreFailure.Behind => "The responses of the user store came from replicas that lag behind, or behind the session token of the request.",
            UserStoreFailure.OverBudget => "The request units for reads of the user store are spent. Cached users are still available.",
            UserStoreFailure.Overloaded => "Too many reads are in flight in this instance.",
            _ => "The user store is unreachable or returned an error.",
        };
        var kind = exception.Failure == UserStoreFailure.OverBudget ? ProblemKind.TooManyRequests : ProblemKind.StoreUnavailable;
        return ProblemWriter.WriteAsync(context, kind, detail, exception.RetryAfter ?? DefaultRetryAfter);
    }
}
