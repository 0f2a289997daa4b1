using Lookup.Domain.Stores;

namespace Lookup.Functions.Http;

/// <summary>What a client hears when the store cannot answer. The store's own words stay in the log.</summary>
internal static class StoreProblem
{
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(1);

    public static Task WriteAsync(HttpContext context, UserStoreException exception)
    {
        var detail = exception.Failure switch
        {
            UserStoreFailure.TimedOut => "The user store did not answer in time.",
            UserStoreFailure.Throttled => "The user store asked for fewer requests.",
            UserStoreFailure.Refused => "The user store refused this service: its owner must look at its settings.",
            UserStoreFailure.Behind => "The user store answered from a replica that is behind.",
            UserStoreFailure.OverBudget => "This key has spent the request units that it may spend at the user store; what is in memory is answered.",
            UserStoreFailure.Overloaded => "Too many reads are under way in this instance.",
            _ => "The user store cannot be reached.",
        };
        var kind = exception.Failure == UserStoreFailure.OverBudget ? ProblemKind.TooManyRequests : ProblemKind.StoreUnavailable;
        return ProblemWriter.WriteAsync(context, kind, detail, exception.RetryAfter ?? Shortly);
    }
}
