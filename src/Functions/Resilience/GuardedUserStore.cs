using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Functions.Resilience;

/// <summary>A decorator that sends every read through the <see cref="StoreGuard"/>: single, batch and by alternate key.</summary>
internal sealed class GuardedUserStore(IUserStore store, StoreGuard guard) : IUserStore
{
    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
        guard.RunAsync(
            static (read, token) => read.store.ReadAsync(read.key, read.ifNoneMatch, token), (store, key, ifNoneMatch), cancellationToken);

    public ValueTask<StoreRead> ReadInSessionAsync(UserKey key, SessionToken session, CancellationToken cancellationToken) =>
        guard.RunAsync(
            static (read, token) => read.store.ReadInSessionAsync(read.key, read.session, token), (store, key, session), cancellationToken);

    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        var read = new ManyRead(store, guard, keys, part);
        try
        {
            await guard.RunAsync(static (many, token) => many.ReadOnAsync(token), read, cancellationToken);
        }
        finally
        {
            read.End();
        }
    }

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        guard.RunAsync(static (query, token) => query.store.FindAsync(query.key, query.limit, token), (store, key, limit), cancellationToken);

    public UserStoreException? Refuse() => guard.Refuse();

    /// <summary>The read of several users. Each attempt requests only the users that no part of the result has contained yet.</summary>
    private sealed class ManyRead(IUserStore store, StoreGuard guard, IReadOnlyList<UserKey> keys, Action<StoreReadMany> part)
    {
        private readonly HashSet<UserKey> _left = [.. keys];
        private readonly Lock _gate = new();
        private bool _hasEnded;

        /// <summary>Reads the remaining users.</summary>
        /// <returns>The number of users that remain, which is always 0. The guard requires a result.</returns>
        public async ValueTask<int> ReadOnAsync(CancellationToken cancellationToken)
        {
            await store.ReadManyAsync(_left.Count == keys.Count ? keys : [.. _left], Take, cancellationToken);
            return _left.Count;
        }

        /// <summary>Drops the parts that are still to come: a probe continues after its caller has been rejected.</summary>
        public void End()
        {
            lock (_gate)
                _hasEnded = true;
        }

        private void Take(StoreReadMany read)
        {
            guard.NoteResponse();
            lock (_gate)
            {
                if (_hasEnded)
                    return;

                _left.ExceptWith(read.Keys);
                part(read);
            }
        }
    }
}
