using Lookup.Domain.Caching;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// How a request for users was answered: exactly one of these, so that their counts add up to the requests. In camelCase they are the
/// values of the attribute <c>outcome</c>.
/// </summary>
/// <remarks>
/// Whether a user exists makes no difference: that there is none is an answer like any other. Of a request that names many users the
/// worst answer counts. Requests that are refused before anything is looked up, and those whose caller has gone, are not counted.
/// </remarks>
internal enum RequestOutcome
{
    /// <summary>Fresh, from memory, with no read.</summary>
    Hit,

    /// <summary>Memory had nothing; read.</summary>
    Miss,

    /// <summary>Memory had something that was too old; read.</summary>
    Stale,

    /// <summary>Memory had a fresh answer, and the caller asked for a read.</summary>
    Requested,

    /// <summary>The store said that what memory had is still current (304).</summary>
    Revalidated,

    /// <summary>Answered by a read that another request had begun.</summary>
    Collapsed,

    /// <summary>Older than the promise, because the caller, or the owner by a setting, allowed it.</summary>
    ServedStale,

    /// <summary>The caller wanted no read (<c>only-if-cached</c>), and memory had no answer: 504.</summary>
    NotCached,

    /// <summary>There was no answer: the store failed (503), or the service did (500).</summary>
    Error,
}

internal static class RequestOutcomes
{
    /// <summary>The values of the attribute <c>outcome</c>, in the order of <see cref="RequestOutcome"/>.</summary>
    public static readonly string[] Names = [.. Enum.GetNames<RequestOutcome>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    public static RequestOutcome Of(in LookupResult answer)
    {
        if (answer.Status == LookupStatus.NotCached)
            return RequestOutcome.NotCached;
        if (answer.IsStale)
            return RequestOutcome.ServedStale;
        if (answer.Source == LookupSource.Hit)
            return RequestOutcome.Hit;
        if (answer.IsCollapsed)
            return RequestOutcome.Collapsed;
        if (answer.IsRevalidated)
            return RequestOutcome.Revalidated;
        return answer.Source switch
        {
            LookupSource.Miss => RequestOutcome.Miss,
            LookupSource.Stale => RequestOutcome.Stale,
            _ => RequestOutcome.Requested,
        };
    }
}
