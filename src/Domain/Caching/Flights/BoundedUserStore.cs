using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// A decorator that bounds the bytes of the reads in flight. A read takes its estimated size from the budget before it is sent, and waits
/// if it does not fit.
/// </summary>
internal sealed class BoundedUserStore(IUserStore store, ByteBudget budget, UserSizes sizes) : IUserStore
{
    /// <summary>
    /// The memory that a read takes, as a multiple of the users in it: the response as it is received, the client's copy, and the documents.
    /// </summary>
    public const int Copies = 3;

    /// <summary>The memory of a query by alternate key, which returns keys only.</summary>
    private const long QueryBytes = 64 * 1024;

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        using var lease = await TakeAsync(Copies * sizes.Of(1), cancellationToken);
        var read = await store.ReadAsync(key, ifNoneMatch, cancellationToken);
        if (read.Status != StoreReadStatus.NotModified)
            sizes.Add(read.Document?.Body.Length ?? 0);
        return read;
    }

    public async ValueTask<StoreRead> ReadInSessionAsync(UserKey key, SessionToken session, CancellationToken cancellationToken)
    {
        using var lease = await TakeAsync(Copies * sizes.Of(1), cancellationToken);
        return await store.ReadInSessionAsync(key, session, cancellationToken);
    }

    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        using var lease = await TakeAsync(Copies * sizes.Of(keys.Count), cancellationToken);
        await store.ReadManyAsync(
            keys,
            read =>
            {
                foreach (var key in read.Keys)
                    sizes.Add(read.Documents.TryGetValue(key, out var document) ? document.Body.Length : 0);
                part(read);
            },
            cancellationToken);
    }

    public async ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken)
    {
        using var lease = await TakeAsync(QueryBytes, cancellationToken);
        return await store.FindAsync(key, limit, cancellationToken);
    }

    public UserStoreException? Refuse() => store.Refuse();

    /// <exception cref="UserStoreException">The bytes did not fit until the read deadline. The read was not sent.</exception>
    private async ValueTask<ByteLease> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        Exception? canceled = null;
        try
        {
            if (await budget.TakeAsync(bytes, cancellationToken) is { } lease)
                return lease;
        }
        catch (OperationCanceledException e)
        {
            canceled = e; // by the deadline of the read, or because no request waits for it
        }

        throw new UserStoreException(
            UserStoreFailure.Overloaded, $"The users that are being read take all {budget.Limit} bytes that the cache size allows; try again later.", canceled);
    }
}
