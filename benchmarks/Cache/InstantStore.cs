using System.Globalization;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>A store that returns immediately, so that the benchmark measures the cost of the cache alone.</summary>
internal sealed class InstantStore : IUserStore
{
    /// <summary>Gets or sets the task that every read awaits.</summary>
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
        throw new NotSupportedException("The benchmarks do not look up alternate keys.");

    private static UserDocument DocumentOf(UserKey key) =>
        Population.DocumentOf(int.TryParse(key.Id.AsSpan(1), CultureInfo.InvariantCulture, out var user) ? user : 0);
}
