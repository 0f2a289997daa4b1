using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>The result of reading one user from the store.</summary>
/// <param name="Status">The kind of result.</param>
/// <param name="Document">The user, if <paramref name="Status"/> is <see cref="StoreReadStatus.Found"/>.</param>
/// <param name="Lsn">
/// The log sequence number (LSN) that the responding replica of the user's partition had reached. A result whose LSN is below the LSN of a
/// change in the same partition cannot reflect the change. It means nothing if <see cref="Partition"/> is not known.
/// </param>
/// <param name="RequestCharge">The cost of the read, in request units.</param>
public readonly record struct StoreRead(StoreReadStatus Status, UserDocument? Document, long Lsn, double RequestCharge)
{
    /// <summary>
    /// Gets the partition whose replica responded, to which <see cref="Lsn"/> belongs, or <see langword="null"/> if the store did not
    /// return both.
    /// </summary>
    public LogPartition? Partition { get; init; }

    /// <summary>
    /// Gets the LSN at which the version that <see cref="StoreReadStatus.NotModified"/> confirms was written, or 0 if the store did not return
    /// it. It can differ from the one that was read before, in another partition.
    /// </summary>
    public long ConfirmedLsn { get; init; }

    /// <summary>Gets the position in the store's log that the result reflects, or nothing if it is not known.</summary>
    public LogPosition Position => Partition is null ? default : new LogPosition(Partition, Lsn);
}

/// <summary>Specifies the kind of result of reading one user.</summary>
public enum StoreReadStatus
{
    /// <summary>The user exists, and its document was returned.</summary>
    Found,

    /// <summary>The user does not exist (404 with substatus 0; any other 404 is a failure).</summary>
    NotFound,

    /// <summary>The version with the given entity tag is still current (304).</summary>
    NotModified,
}
