using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>The result of a query by alternate key.</summary>
/// <param name="Keys">The users that had the value, in no particular order.</param>
/// <param name="RequestCharge">The cost of the query, in request units.</param>
/// <param name="IsTruncated">
/// <see langword="true"/> if the query ended before it had found the requested number of users or all that have the value, so that there may
/// be others.
/// </param>
public readonly record struct StoreFind(IReadOnlyList<UserKey> Keys, double RequestCharge, bool IsTruncated = false)
{
    /// <summary>
    /// Gets, for each partition that responded, the positions of its responses. Empty if they are not known.
    /// </summary>
    public IReadOnlyList<LogSpan> Positions { get; init; } = [];
}
