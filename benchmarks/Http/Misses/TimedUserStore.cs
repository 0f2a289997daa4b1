using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>A store that records the start, end and thread of the last read. It supports one read at a time.</summary>
internal sealed class TimedUserStore(IUserStore store) : IUserStore
{
    public long Began { get; private set; }

    public long Ended { get; private set; }

    public int Thread { get; private set; }

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        Began = TimeProvider.System.GetTimestamp();
        var read = await store.ReadAsync(key, ifNoneMatch, cancellationToken);
        Thread = Environment.CurrentManagedThreadId;
        Ended = TimeProvider.System.GetTimestamp();
        return read;
    }

    public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
        store.ReadManyAsync(keys, part, cancellationToken);

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        store.FindAsync(key, limit, cancellationToken);
}
