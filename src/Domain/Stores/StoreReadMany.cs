using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>A part of the store's answer to the read of many users.</summary>
/// <param name="Keys">The users that this part is about.</param>
/// <param name="Documents">Those of them that exist; one of <paramref name="Keys"/> that is not here does not exist.</param>
/// <param name="RequestCharge">What this part cost, in request units.</param>
public readonly record struct StoreReadMany(
    IReadOnlyCollection<UserKey> Keys,
    IReadOnlyDictionary<UserKey, UserDocument> Documents,
    double RequestCharge);
