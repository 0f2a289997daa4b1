using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.SharedTier;

/// <summary>The result of one read of one user, as it is written to the shared tier. Its binary format is that of <see cref="SharedEntryFormat"/>.</summary>
/// <param name="Source">The log and the document shape of the instance (<see cref="SharedTierKeys.Source"/>).</param>
/// <param name="PartitionId">The id of the partition whose replica was read.</param>
/// <param name="PartitionVersion">The version of the topology of that partition.</param>
/// <param name="User">The user.</param>
/// <param name="VersionLsn">
/// The LSN at which the version was written or, if that is not known or there is no such user, the highest one that it may have.
/// </param>
/// <param name="AsOfLsn">The LSN of the state that the read reflects.</param>
/// <param name="ReadAt">
/// The wall-clock time at which the read was sent. It bounds the age of a user that may have been deleted unseen, and is never evidence that
/// the entry is current.
/// </param>
internal sealed record SharedEntry(
    string Source,
    string PartitionId,
    long PartitionVersion,
    UserKey User,
    long VersionLsn,
    long AsOfLsn,
    DateTime ReadAt)
{
    /// <summary>
    /// Gets the user, or <see langword="null"/> if there was no such user. Its LSN and its time to live are those of the entry, not of the
    /// document.
    /// </summary>
    public UserDocument? Document { get; init; }

    /// <summary>
    /// Gets the wall-clock time from which the store no longer returns this version (the item's time to live), or <see langword="null"/> if
    /// there is no such time.
    /// </summary>
    public DateTime? EndsAt { get; init; }

    /// <summary>Determines whether the entry was read from a partition, apart from its source.</summary>
    public bool IsFrom(LogPartition partition) => partition.Id == PartitionId && partition.Version == PartitionVersion;
}

/// <summary>Specifies why a value of the shared tier cannot be used.</summary>
internal enum SharedEntryProblem
{
    /// <summary>The value can be used.</summary>
    None,

    /// <summary>The value is longer than an entry can be.</summary>
    TooLong,

    /// <summary>The value is truncated, its checksum does not match, or a field is not valid.</summary>
    Damaged,

    /// <summary>The value has another version of the format.</summary>
    OtherFormat,

    /// <summary>The value belongs to the log of another container, or to instances with another document shape.</summary>
    OtherSource,

    /// <summary>The value is that of another user.</summary>
    OtherUser,
}
