using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>What the store answered to the search for an alternate key.</summary>
/// <param name="Keys">The users that had the value, in no particular order.</param>
/// <param name="RequestCharge">What the query cost, in request units.</param>
public readonly record struct StoreFind(IReadOnlyList<UserKey> Keys, double RequestCharge);
