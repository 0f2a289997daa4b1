using Lookup.Domain.Users;

namespace Lookup.Domain.Stores;

/// <summary>Where users live. The port to the database: it reads, and never writes.</summary>
/// <remarks>
/// An implementation must keep session consistency with the change feed of the same instance: a read that is
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
    /// <param name="part">
    /// Hears each part of the answer when it is there: one at a time, and none after the call has ended. Together the parts are about each
    /// key once, unless the call fails. The parts that were heard before a failure hold all the same.
    /// </param>
    /// <param name="cancellationToken">Bounds the read; the caller's deadline is in it.</param>
    ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken);

    /// <summary>Finds the users that have an alternate key.</summary>
    /// <param name="key">The property and its value.</param>
    /// <param name="limit">The most users to name; 1 or more.</param>
    /// <param name="cancellationToken">Bounds the query; the caller's deadline is in it.</param>
    ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken);

    /// <summary>Asks for one read's sake whether the store takes reads at this moment.</summary>
    /// <returns>Why that read is refused, without a round trip; <see langword="null"/> where it may be sent.</returns>
    UserStoreException? Refuse() => null;
}
