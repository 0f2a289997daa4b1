using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>The read-only port to the database that contains the users.</summary>
/// <remarks>
/// An implementation must provide session consistency with the change feed of the same instance: a read that is sent after the feed
/// returned a change reflects that change. Failures are reported as <see cref="UserStoreException"/>, and a canceled call throws
/// <see cref="OperationCanceledException"/>. Implementations must be thread-safe.
/// </remarks>
public interface IUserStore
{
    /// <summary>Reads one user.</summary>
    /// <param name="key">The user.</param>
    /// <param name="ifNoneMatch">
    /// The entity tag of a known version. If that version is still current, the result is <see cref="StoreReadStatus.NotModified"/>.
    /// </param>
    /// <param name="cancellationToken">A token that includes the deadline of the read.</param>
    ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken);

    /// <summary>
    /// Reads one user in a session, so that the result is not older than the session as far as the store itself honors it. This read is used
    /// only to find a position in the user's partition, for a token of other partitions, such as the one that it was split from.
    /// </summary>
    /// <param name="key">The user.</param>
    /// <param name="session">The session. It must not affect other reads.</param>
    /// <param name="cancellationToken">A token that includes the deadline of the read.</param>
    /// <exception cref="UserStoreException">
    /// The read failed; with <see cref="UserStoreFailure.Behind"/> if no replica has reached the session yet.
    /// </exception>
    ValueTask<StoreRead> ReadInSessionAsync(UserKey key, SessionToken session, CancellationToken cancellationToken) =>
        ReadAsync(key, null, cancellationToken);

    /// <summary>Reads several users in as few round trips as the store allows.</summary>
    /// <param name="keys">The users: distinct, and at least one.</param>
    /// <param name="part">
    /// The callback that receives each part of the result as it arrives. Calls of it do not overlap, and there are none after this method has
    /// ended. The parts cover each key exactly once unless the call fails. Parts that were received before a failure are valid.
    /// </param>
    /// <param name="cancellationToken">A token that includes the deadline of the read.</param>
    ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken);

    /// <summary>Finds the users that have an alternate key.</summary>
    /// <param name="key">The property and its value.</param>
    /// <param name="limit">
    /// The maximum number of users to return; at least 1. Items with the value that are not a valid <see cref="UserKey"/> do not count.
    /// </param>
    /// <param name="cancellationToken">A token that includes the deadline of the query.</param>
    ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken);

    /// <summary>Determines, without a round trip, whether a read that is sent now would be rejected.</summary>
    /// <returns>The failure that the read would get, or <see langword="null"/> if it may be sent.</returns>
    UserStoreException? Refuse() => null;
}
