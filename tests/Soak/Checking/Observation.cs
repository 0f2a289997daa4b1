namespace Lookup.Soak.Checking;

/// <summary>What one response said about one user, and what was known when its request was sent.</summary>
internal readonly record struct Observation
{
    /// <summary>For <see cref="Version"/>: there is no such user.</summary>
    public const int Absent = -1;

    public required InstanceLife Life { get; init; }

    public required int User { get; init; }

    /// <summary>The version in the body, or <see cref="Absent"/>.</summary>
    public required int Version { get; init; }

    public required Directives Directives { get; init; }

    /// <summary>Just before the request was sent.</summary>
    public required long Began { get; init; }

    /// <summary>After the response was received.</summary>
    public required long Ended { get; init; }

    /// <summary>What had been received of this user before the request was sent.</summary>
    public required int DeliveredBefore { get; init; }

    /// <summary>The last eviction of this user that had been answered before the request was sent.</summary>
    public required long EvictedBefore { get; init; }

    /// <summary>The response is marked as stale.</summary>
    public required bool IsStale { get; init; }

    /// <summary>It stands in for an error of the store.</summary>
    public required bool IsInsteadOfError { get; init; }

    /// <summary>A read was made for it, which was sent after the request began or when it might have been.</summary>
    public bool IsByRead { get; init; }

    /// <summary>It is about several users, and its marks are those of the worst.</summary>
    public bool IsJoint { get; init; }
}
