using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>A part of the result of reading several users from the store.</summary>
/// <param name="Keys">The users that this part covers.</param>
/// <param name="Documents">The documents of those that exist. A user in <paramref name="Keys"/> without a document does not exist.</param>
/// <param name="RequestCharge">The cost of this part, in request units.</param>
public readonly record struct StoreReadMany(
    IReadOnlyCollection<UserKey> Keys,
    IReadOnlyDictionary<UserKey, UserDocument> Documents,
    double RequestCharge)
{
    /// <summary>
    /// Gets, for each partition that responded, the positions of its responses. Empty if they are not known. Each user is in one of these
    /// partitions.
    /// </summary>
    public IReadOnlyList<LogSpan> Positions { get; init; } = [];
}
