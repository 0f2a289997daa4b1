using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>What the store answered to the read of one user.</summary>
/// <param name="Status">Which of the three answers it was.</param>
/// <param name="Document">The user, where <paramref name="Status"/> is <see cref="StoreReadStatus.Found"/>.</param>
/// <param name="Lsn">
/// The log sequence number up to which the answering replica of the user's partition was; 0 where the store did not say.
/// An answer whose number is below that of a change cannot reflect the change.
/// </param>
/// <param name="RequestCharge">What the read cost, in request units.</param>
public readonly record struct StoreRead(StoreReadStatus Status, UserDocument? Document, long Lsn, double RequestCharge);

/// <summary>The three answers to the read of one user.</summary>
public enum StoreReadStatus
{
    /// <summary>The user exists, and its document came with the answer.</summary>
    Found,

    /// <summary>There is no such user (404 with substatus 0; any other 404 is a failure).</summary>
    NotFound,

    /// <summary>The version named by the entity tag is still current (304).</summary>
    NotModified,
}
