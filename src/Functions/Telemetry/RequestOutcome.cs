using Lookup.Domain.Caching;
using Lookup.Domain.Stores;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The outcome of a request for users. Each request has exactly one, so the counts add up to the number of requests. In camelCase, the
/// names are the values of the attribute <c>outcome</c>.
/// </summary>
/// <remarks>
/// The outcome does not depend on whether the user exists. For a request for several users, the worst result determines the outcome.
/// Requests that are rejected before a lookup, batches whose users are too large together, and requests whose client has disconnected are
/// not counted.
/// </remarks>
internal enum RequestOutcome
{
    /// <summary>The result was cached and fresh.</summary>
    Hit,

    /// <summary>The user was not cached, and was read from the store.</summary>
    Miss,

    /// <summary>The user was not cached, and the shared tier had the result of another instance's read.</summary>
    SharedTier,

    /// <summary>The cached entry was too old; the user was read from the store.</summary>
    Stale,

    /// <summary>The cached entry was fresh, but the request required a read.</summary>
    Requested,

    /// <summary>The store confirmed that the cached entry is current (304).</summary>
    Revalidated,

    /// <summary>The request shared a read that another request had started.</summary>
    Collapsed,

    /// <summary>The result exceeded the staleness bound, as the request or a setting allows.</summary>
    ServedStale,

    /// <summary>The request did not allow a read (<c>only-if-cached</c>), and there was no suitable cached entry: 504.</summary>
    NotCached,

    /// <summary>The store failed or the instance is overloaded (503), or the service failed (500).</summary>
    Error,

    /// <summary>The request needed a read, and its key has spent its request unit budget (429). Nothing has failed.</summary>
    OverBudget,
}

/// <summary>The names of the outcomes, and the mapping of results to outcomes.</summary>
internal static class RequestOutcomes
{
    /// <summary>The values of the attribute <c>outcome</c>, in the order of <see cref="RequestOutcome"/>.</summary>
    public static readonly string[] Names = [.. Enum.GetNames<RequestOutcome>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    /// <summary>Returns the outcomes that requests can have.</summary>
    /// <param name="hasSharedTier">A value that indicates whether there is a shared tier.</param>
    public static IEnumerable<RequestOutcome> Possible(bool hasSharedTier) =>
        Enum.GetValues<RequestOutcome>().Where(outcome => hasSharedTier || outcome != RequestOutcome.SharedTier);

    /// <summary>Returns the outcome of a request that has no result.</summary>
    public static RequestOutcome From(Exception exception) =>
        exception is UserStoreException { Failure: UserStoreFailure.OverBudget } ? RequestOutcome.OverBudget : RequestOutcome.Error;

    public static RequestOutcome From(in LookupResult result)
    {
        if (result.Status == LookupStatus.NotCached)
            return RequestOutcome.NotCached;
        if (result.IsStale)
            return RequestOutcome.ServedStale;
        if (result.Source == LookupSource.Hit)
            return RequestOutcome.Hit;
        if (result.IsFromSharedTier)
            return RequestOutcome.SharedTier;
        if (result.IsCollapsed)
            return RequestOutcome.Collapsed;
        if (result.IsRevalidated)
            return RequestOutcome.Revalidated;
        return result.Source switch
        {
            LookupSource.Miss => RequestOutcome.Miss,
            LookupSource.Stale => RequestOutcome.Stale,
            _ => RequestOutcome.Requested,
        };
    }
}
