using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>The result of a query by alternate key.</summary>
/// <param name="Keys">The users that had the value, in no particular order.</param>
/// <param name="RequestCharge">The cost of the query, in request units.</param>
public readonly record struct StoreFind(IReadOnlyList<UserKey> Keys, double RequestCharge);
