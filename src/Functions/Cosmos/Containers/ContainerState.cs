using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Documents;

namespace Lookup.Functions.Cosmos.Containers;

/// <summary>The result of comparing the definition of the container with the settings.</summary>
/// <param name="Status">The kind of result.</param>
/// <param name="Detail">A description for operators, which contains no secret.</param>
internal sealed record ContainerState(ContainerStatus Status, string Detail)
{
    public static ContainerState Initial { get; } = new(ContainerStatus.NotRead, "The definition of the container has not been read yet.");

    /// <summary>Gets the failure because of which the definition could not be read or does not match, or <see langword="null"/>.</summary>
    public UserStoreException? Failure { get; init; }

    /// <summary>Gets the rule by which items expire.</summary>
    public ItemExpiry Expiry { get; init; } = ItemExpiry.Unknown;

    /// <summary>Gets the resource id of the container, or <see langword="null"/> if it is not known.</summary>
    public string? ResourceId { get; init; }

    /// <summary>Gets a value that indicates whether users may be read from the container.</summary>
    public bool AllowsReads => Status is ContainerStatus.Matches or ContainerStatus.NotPermitted;

    /// <summary>Creates the exception for a read that is not allowed. Each read gets its own.</summary>
    public UserStoreException CreateException() =>
        new(Failure?.Failure ?? UserStoreFailure.Unavailable, Detail, Failure?.InnerException) { RetryAfter = Failure?.RetryAfter };
}

/// <summary>Specifies the result of comparing the definition of the container with the settings.</summary>
internal enum ContainerStatus
{
    /// <summary>The definition could not be read yet. No user is read, because a wrong partition key would look like an unknown user.</summary>
    NotRead,

    /// <summary>The definition matches the settings.</summary>
    Matches,

    /// <summary>The definition must not be read, or has an unknown format. Users are read without the comparison.</summary>
    NotPermitted,

    /// <summary>The definition does not match the settings. No user is read.</summary>
    Differs,
}
