namespace Lookup.Soak.Checking;

/// <summary>The content of one response for one user, and the facts that were known when its request was sent.</summary>
internal readonly record struct Observation
{
    /// <summary>The value of <see cref="Version"/> if the user does not exist.</summary>
    public const int Absent = -1;

    public required InstanceLife Life { get; init; }

    public required int User { get; init; }

    /// <summary>Gets the version in the body, or <see cref="Absent"/>.</summary>
    public required int Version { get; init; }

    public required Directives Directives { get; init; }

    /// <summary>Gets the time just before the request was sent.</summary>
    public required long Began { get; init; }

    /// <summary>Gets the time after the response was received.</summary>
    public required long Ended { get; init; }

    /// <summary>Gets the newest version of this user that had been received before the request was sent.</summary>
    public required int DeliveredBefore { get; init; }

    /// <summary>Gets the time of the last eviction of this user that had completed before the request was sent.</summary>
    public required long EvictedBefore { get; init; }

    /// <summary>Gets a value that indicates whether the response is marked as stale.</summary>
    public required bool IsStale { get; init; }

    /// <summary>Gets a value that indicates whether the response was returned instead of a store error.</summary>
    public required bool IsInsteadOfError { get; init; }

    /// <summary>Gets a value that indicates whether a read was sent for the response after the request began, or may have been.</summary>
    public bool IsByRead { get; init; }

    /// <summary>Gets a value that indicates whether the response covers several users, so that its marks are those of the worst.</summary>
    public bool IsJoint { get; init; }
}
