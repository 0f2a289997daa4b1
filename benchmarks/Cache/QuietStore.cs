using System.Globalization;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>A store that answers at once: what is measured is what the cache adds.</summary>
internal sealed class QuietStore : IUserStore
{
    /// <summary>What every read waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        if (!Gate.IsCompleted)
            await Gate.WaitAsync(cancellationToken);
        return new StoreRead(StoreReadStatus.Found, DocumentOf(key), Lsn: Population.ReplicaLsn, RequestCharge: 1);
    }

    public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        part(new StoreReadMany(keys, keys.ToDictionary(key => key, DocumentOf), RequestCharge: 1));
        return default;
    }

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException("No benchmark looks for an alternate key.");

    private static UserDocument DocumentOf(UserKey key) =>
        Population.DocumentOf(int.TryParse(key.Id.AsSpan(1), CultureInfo.InvariantCulture, out var user) ? user : 0);
}
