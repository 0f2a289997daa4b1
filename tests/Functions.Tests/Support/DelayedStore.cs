using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Support;

/// <summary>The real store, whose point reads are held back after they were answered, until the test lets them go.</summary>
internal sealed class DelayedStore : IUserStore
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CosmosUserStore? _inner;

    /// <summary>The user whose reads are held back.</summary>
    public required string Held { get; init; }

    /// <summary>A read has been answered and is held back.</summary>
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
