using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Support;

/// <summary>Wraps the real store and holds the completed point reads of one user until the test releases them.</summary>
internal sealed class DelayedStore : IUserStore
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CosmosUserStore? _inner;

    /// <summary>Gets the id of the user whose reads are held.</summary>
    public required string Held { get; init; }

    /// <summary>Gets a task that completes when the store has completed a read and it is held.</summary>
    public Task Arrived => _arrived.Task;

    public void Open() => _open.TrySetResult();

    public void Decorate(IServiceCollection services)
    {
        services.AddSingleton<CosmosUserStore>();
        services.AddSingleton<IUserStore>(provider =>
        {
            _inner = provider.GetRequiredService<CosmosUserStore>();
            return this;
        });
    }

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var read = await _inner!.ReadAsync(key, ifNoneMatch, cancellationToken);
        if (key.Id == Held)
        {
            _arrived.TrySetResult();
            await _open.Task.WaitAsync(cancellationToken);
        }

        return read;
    }

    public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
        _inner!.ReadManyAsync(keys, part, cancellationToken);

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        _inner!.FindAsync(key, limit, cancellationToken);
}
