namespace Lookup.Domain.Users;

/// <summary>What the store answered to the read of many users.</summary>
/// <param name="Documents">The users that exist; one that was asked for and is not here does not exist.</param>
/// <param name="RequestCharge">What the read cost, in request units.</param>
public readonly record struct StoreReadMany(IReadOnlyDictionary<UserKey, UserDocument> Documents, double RequestCharge);
