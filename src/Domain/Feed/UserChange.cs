using Lookup.Domain.Users;

namespace Lookup.Domain.Feed;

/// <summary>One change of one user, as the change feed showed it.</summary>
/// <param name="Key">Which user changed.</param>
/// <param name="Lsn">The log sequence number of the change (<c>_lsn</c>); 0 where the feed did not say.</param>
/// <param name="AlternateKeys">
/// The values that the user now has for the configured alternate keys; empty for a delete, whose document is gone.
/// </param>
public readonly record struct UserChange(UserKey Key, long Lsn, IReadOnlyList<AlternateKey> AlternateKeys);
