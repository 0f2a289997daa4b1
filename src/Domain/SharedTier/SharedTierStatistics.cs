namespace Lookup.Domain.SharedTier;

/// <summary>The counters of the use of a shared tier. They are monotonic.</summary>
public sealed record SharedTierStatistics
{
    /// <summary>Gets the number of users that were requested from the tier.</summary>
    public required long Asked { get; init; }

    /// <summary>Gets the number of users whose entry was accepted, which saved a read each.</summary>
    public required long Accepted { get; init; }

    /// <summary>Gets the number of users for which the tier had no entry.</summary>
    public required long Missing { get; init; }

    /// <summary>Gets the number of requests to the tier that failed or took too long.</summary>
    public required long Failures { get; init; }

    /// <summary>Gets the number of values that were not entries of the user: damaged, too long, or of another format, log, document shape or user.</summary>
    public required long Unusable { get; init; }

    /// <summary>
    /// Gets the number of entries that were not proven to be unchanged: of a range that is not armed, of another partition, from before following
    /// began, older than what is known, or at the end of their time.
    /// </summary>
    public required long Refused { get; init; }

    /// <summary>Gets the number of entries that were given to the tier.</summary>
    public required long Written { get; init; }

    /// <summary>Gets the number of entries that were deleted because an administrator evicted the user.</summary>
    public required long Deleted { get; init; }
}
