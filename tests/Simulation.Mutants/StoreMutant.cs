using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant whose store or changes hide the lag of replicas.</summary>
/// <remarks>
/// <c>CacheSessionNotAvailable</c>: a replica that does not know the session yet (404/1002) counts as "no such user".
/// <c>IgnoreTimeToLive</c>: a user is served although the store no longer returns it, until the feed shows that.
/// <c>NoKnownLsns</c>: the result of a lagging replica is stored although the change that evicted the user is newer.
/// </remarks>
internal sealed class StoreMutant(string name, bool hidesLag = false, bool hidesLsns = false, bool hidesEnds = false) : Mutant(name)
{
    public override IUserStore Store(IUserStore store) => new Decorated(store, hidesLag, hidesLsns, hidesEnds);

    public override IChangeSink Sink(IChangeSink sink) => hidesLsns ? new ChangedSink(sink, change => change with { Lsn = 0 }) : sink;

    private sealed class Decorated(IUserStore store, bool hidesLag, bool hidesLsns, bool hidesEnds) : IUserStore
    {
        public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
        {
            try
            {
                var read = await store.ReadAsync(key, ifNoneMatch, cancellationToken);
                if (hidesEnds)
                    return read with { Document = Copy(read.Document, read.Document?.Lsn ?? 0) };
                return hidesLsns ? read with { Lsn = 0, ConfirmedLsn = 0, Document = WithoutLsn(read.Document) } : read;
            }
            catch (UserStoreException e) when (hidesLag && e.Failure == UserStoreFailure.Behind)
            {
                return new StoreRead(StoreReadStatus.NotFound, null, 0, 0);
            }
        }

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            store.ReadManyAsync(keys, hidesLsns ? read => part(read with { Documents = WithoutLsns(read.Documents), Positions = [] }) : part, cancellationToken);

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            store.FindAsync(key, limit, cancellationToken);

        private static Dictionary<UserKey, UserDocument> WithoutLsns(IReadOnlyDictionary<UserKey, UserDocument> documents) =>
            documents.ToDictionary(pair => pair.Key, pair => WithoutLsn(pair.Value)!);

        private static UserDocument? WithoutLsn(UserDocument? document) => Copy(document, 0);

        private static UserDocument? Copy(UserDocument? document, long lsn) => document is null
            ? null
            : new UserDocument(document.Body, document.ETag, lsn, document.LastModified, document.AlternateKeys);
    }
}
