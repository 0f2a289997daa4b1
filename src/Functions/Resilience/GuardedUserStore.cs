using Lookup.Domain.Users;

namespace Lookup.Functions.Resilience;

/// <summary>A store behind the <see cref="StoreGuard"/>: every read, of one user, of many or by another key, goes through it.</summary>
internal sealed class GuardedUserStore(IUserStore store, StoreGuard guard) : IUserStore
{
    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
        guard.RunAsync(
            static (read, token) => read.store.ReadAsync(read.key, read.ifNoneMatch, token), (store, key, ifNoneMatch), cancellationToken);

    public ValueTask<StoreReadMany> ReadManyAsync(IReadOnlyList<UserKey> keys, CancellationToken cancellationToken) =>
        guard.RunAsync(static (read, token) => read.store.ReadManyAsync(read.keys, token), (store, keys), cancellationToken);

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        guard.RunAsync(static (query, token) => query.store.FindAsync(query.key, query.limit, token), (store, key, limit), cancellationToken);
}
