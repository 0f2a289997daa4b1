namespace Lookup.Soak.Checking;

/// <summary>The outcome of a request. Every response is counted as exactly one of these.</summary>
internal enum Outcome
{
    /// <summary>200 from the cache, fresh.</summary>
    Hit,

    /// <summary>200 from a store read.</summary>
    Read,

    /// <summary>200 from a store read that another request had started.</summary>
    Collapsed,

    /// <summary>304.</summary>
    NotModified,

    /// <summary>404: the user does not exist.</summary>
    NoSuchUser,

    /// <summary>200, 304 or 404, marked as stale, as the request allowed.</summary>
    ServedStale,

    /// <summary>504, as the request specified: the cache has no entry that is fresh enough.</summary>
    NotCached,

    /// <summary>A successful administrative request.</summary>
    Administered,

    /// <summary>503: the store did not respond in time.</summary>
    StoreTimedOut,

    /// <summary>503: the store throttled the request.</summary>
    StoreThrottled,

    /// <summary>503: too many reads are in flight, or too many large responses. Both take longer while the store does.</summary>
    Overloaded,

    /// <summary>503: the store returned a state from before a change that was already observed.</summary>
    StoreBehind,

    /// <summary>503: the store denies the service access.</summary>
    StoreRefused,

    /// <summary>503: the store cannot be reached, or returns errors.</summary>
    StoreUnreachable,

    /// <summary>The connection broke before the response was complete.</summary>
    ConnectionLost,

    /// <summary>Anything else.</summary>
    Unexplained,
}

internal static class Outcomes
{
    public static readonly Outcome[] All = Enum.GetValues<Outcome>();

    public static bool IsSuccess(this Outcome outcome) => outcome <= Outcome.Administered;

    /// <summary>Determines whether the outcome can be caused by an unhealthy store.</summary>
    public static bool IsStoreFailure(this Outcome outcome) => outcome is >= Outcome.StoreTimedOut and <= Outcome.StoreUnreachable;

    /// <summary>Determines whether a slow machine alone can cause the outcome.</summary>
    public static bool IsSlowness(this Outcome outcome) => outcome is Outcome.StoreTimedOut or Outcome.Overloaded;

    public static Outcome OfProblem(int status, ReadOnlySpan<byte> body) => status switch
    {
        404 when body.IndexOf("user-not-found"u8) >= 0 => Outcome.NoSuchUser,
        504 when body.IndexOf("not-cached"u8) >= 0 => Outcome.NotCached,
        503 when body.IndexOf("store-unavailable"u8) >= 0 => OfStoreProblem(body),
        503 when body.IndexOf("problem:overloaded"u8) >= 0 => Outcome.Overloaded,
        _ => Outcome.Unexplained,
    };

    private static Outcome OfStoreProblem(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("in time"u8) >= 0)
            return Outcome.StoreTimedOut;
        if (body.IndexOf("throttling requests"u8) >= 0)
            return Outcome.StoreThrottled;
        if (body.IndexOf("Too many reads"u8) >= 0)
            return Outcome.Overloaded;
        if (body.IndexOf("replica that lags behind"u8) >= 0)
            return Outcome.StoreBehind;
        return body.IndexOf("denied access"u8) >= 0 ? Outcome.StoreRefused : Outcome.StoreUnreachable;
    }
}
