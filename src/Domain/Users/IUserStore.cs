namespace Lookup.Domain.Users;

/// <summary>Where users live. The port to the database: it reads, and never writes.</summary>
/// <remarks>
/// An implementation must keep session consistency with the <see cref="Changes.IChangeFeed"/> of the same instance: a read that is
/// sent after the feed showed a change reflects that change. Failures are <see cref="UserStoreException"/>; a cancelled call throws
/// <see cref="OperationCanceledException"/>. Implementations may be called from many threads at once.
/// </remarks>
public interface IUserStore
{
    /// <summary>Reads one user.</summary>
    /// <param name="key">Which user.</param>
    /// <param name="ifNoneMatch">
    /// The entity tag of the version at hand: where it is still current the answer is <see cref="StoreReadStatus.NotModified"/>.
    /// </param>
    /// <param name="cancellationToken">Bounds the read; the caller's deadline is in it.</param>
    ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken);

    /// <summary>Reads many users in as few round trips as the store allows.</summary>
    /// <param name="keys">Which users: distinct, at least one.</param>
    /// <param name="cancellationToken">Bounds the read; the caller's deadline is in it.</param>
    ValueTask<StoreReadMany> ReadManyAsync(IReadOnlyList<UserKey> keys, CancellationToken cancellationToken);

    /// <summary>Finds the users that have an alternate key.</summary>
    /// <param name="key">The property and its value.</param>
    /// <param name="limit">The most users to name; 1 or more.</param>
    /// <param name="cancellationToken">Bounds the query; the caller's deadline is in it.</param>
    ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken);
}
