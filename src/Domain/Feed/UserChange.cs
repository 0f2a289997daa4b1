using Lookup.Domain.Users;

namespace Lookup.Domain.Feed;

/// <summary>One change of one user, as returned by the change feed.</summary>
/// <param name="Key">The user that changed.</param>
/// <param name="Lsn">The log sequence number of the change (<c>_lsn</c>), or 0 if the feed did not return one.</param>
/// <param name="AlternateKeys">
/// The values of the configured alternate keys after the change. Empty for a delete, which has no document.
/// </param>
public readonly record struct UserChange(UserKey Key, long Lsn, IReadOnlyList<AlternateKey> AlternateKeys);
