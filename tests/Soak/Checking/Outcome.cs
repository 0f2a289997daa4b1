namespace Lookup.Soak.Checking;

/// <summary>How a request ended. Every response is counted as exactly one of these.</summary>
internal enum Outcome
{
    /// <summary>200 from memory, fresh.</summary>
    Hit,

    /// <summary>200 by a read.</summary>
    Read,

    /// <summary>200 by a read that another request had begun.</summary>
    Collapsed,

    /// <summary>304.</summary>
    NotModified,

    /// <summary>404: there is no such user.</summary>
    NoSuchUser,

    /// <summary>200, 304 or 404, marked as stale, as the request allowed.</summary>
    ServedStale,

    /// <summary>504, as the request wanted: memory has nothing fresh enough.</summary>
    NotCached,

    /// <summary>An administrator's request, done.</summary>
    Administered,

    /// <summary>503: the store did not answer in time.</summary>
    StoreTimedOut,

    /// <summary>503: the store asked for fewer requests.</summary>
    StoreThrottled,

    /// <summary>503: too many reads are under way.</summary>
    Overloaded,

    /// <summary>503: the store answers from before a change already seen.</summary>
    StoreBehind,

    /// <summary>503: the store refuses the service.</summary>
    StoreRefused,

    /// <summary>503: the store cannot be reached, or answers with errors.</summary>
    StoreUnreachable,

    /// <summary>The connection broke before the response was complete.</summary>
    ConnectionLost,

    /// <summary>Anything else.</summary>
    Unexplained,
}

internal static class Outcomes
{
    public static readonly Outcome[] All = Enum.GetValues<Outcome>();

    public static bool IsAnswer(this Outcome outcome) => outcome <= Outcome.Administered;

    /// <summary>One of the answers that a store in trouble explains.</summary>
    public static bool IsStoreFailure(this Outcome outcome) => outcome is >= Outcome.StoreTimedOut and <= Outcome.StoreUnreachable;

    /// <summary>Whether a slow machine alone can cause it.</summary>
    public static bool IsSlowness(this Outcome outcome) => outcome is Outcome.StoreTimedOut or Outcome.Overloaded;

    public static Outcome OfProblem(int status, ReadOnlySpan<byte> body) => status switch
    {
        404 when body.IndexOf("user-not-found"u8) >= 0 => Outcome.NoSuchUser,
        504 when body.IndexOf("not-cached"u8) >= 0 => Outcome.NotCached,
        503 when body.IndexOf("store-unavailable"u8) >= 0 => OfStoreProblem(body),
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
