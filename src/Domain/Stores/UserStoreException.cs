namespace Lookup.Domain.Stores;

/// <summary>The store could not answer. Says nothing about whether a user exists.</summary>
public sealed class UserStoreException : Exception
{
    public UserStoreException(UserStoreFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>Why the store could not answer.</summary>
    public UserStoreFailure Failure { get; }

    /// <summary>The store was not asked: it has failed too often of late.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IsRefusal { get; init; }

    /// <summary>How long the store asked to be left alone, where it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Why the store could not answer.</summary>
public enum UserStoreFailure
{
    /// <summary>It cannot be reached, or answered with an error of its own.</summary>
    Unavailable,

    /// <summary>It did not answer within the deadline.</summary>
    TimedOut,

    /// <summary>It asked for fewer requests (429).</summary>
    Throttled,

    /// <summary>It refused: wrong key, missing role, unknown database or container.</summary>
    Refused,

    /// <summary>It answered from a replica that lags behind what this instance already knows, and went on doing so.</summary>
    Behind,

    /// <summary>Too many reads are under way in this instance already; this one was not sent.</summary>
    Overloaded,

    /// <summary>The caller has spent the request units that it has; the read was not sent.</summary>
    OverBudget,
}
