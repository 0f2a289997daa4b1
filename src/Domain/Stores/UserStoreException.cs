namespace Lookup.Domain.Stores;

/// <summary>The exception that is thrown when a read fails. It does not indicate whether a user exists.</summary>
public sealed class UserStoreException : Exception
{
    public UserStoreException(UserStoreFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>Gets the reason for the failure.</summary>
    public UserStoreFailure Failure { get; }

    /// <summary>Gets a value that indicates whether the read was not sent because of recent store failures.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IsRefusal { get; init; }

    /// <summary>Gets the time to wait before retrying, if the store specified one (<c>Retry-After</c>).</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Specifies the reason for the failure of a read.</summary>
public enum UserStoreFailure
{
    /// <summary>The store cannot be reached, or it returned a server error.</summary>
    Unavailable,

    /// <summary>The store did not respond within the deadline.</summary>
    TimedOut,

    /// <summary>The store throttled the request (429).</summary>
    Throttled,

    /// <summary>The store denied access: wrong key, missing role, or unknown database or container.</summary>
    Refused,

    /// <summary>The store kept responding from replicas that lag behind a change that this instance already knows.</summary>
    Behind,

    /// <summary>Too many reads are in flight in this instance. The read was not sent.</summary>
    Overloaded,

    /// <summary>The caller's request unit budget is spent. The read was not sent.</summary>
    OverBudget,
}
