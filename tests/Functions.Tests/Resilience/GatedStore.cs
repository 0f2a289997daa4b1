using System.Collections.Concurrent;
using System.Threading.Channels;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Support;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>A store that counts its reads and holds each one until the test completes it.</summary>
internal sealed class GatedStore : IUserStore
{
    public static readonly StoreRead NotFound = new(StoreReadStatus.NotFound, null, 1, 1);

    private readonly Lock _gate = new(); // a read is in both lists or in neither
    private readonly ConcurrentQueue<TaskCompletionSource> _all = new();
    private readonly Channel<TaskCompletionSource> _arrivals = Channel.CreateUnbounded<TaskCompletionSource>();

    /// <summary>Gets the number of reads that have reached the store.</summary>
    public int Reads => _all.Count;

    /// <summary>Waits for the next read to reach the store, and returns the source that completes it.</summary>
    public async Task<TaskCompletionSource> NextAsync() =>
        await Eventually.EndsAsync(_arrivals.Reader.ReadAsync(Cancel.Token).AsTask(), "a read reaches the store");

    /// <summary>Completes all held reads.</summary>
    public void ReleaseAll()
    {
        lock (_gate)
        {
            while (_arrivals.Reader.TryRead(out _))
            {
                // Every read is completed below, so NextAsync must not return it.
            }

            foreach (var read in _all)
                read.TrySetResult();
        }
    }

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        await HoldAsync(cancellationToken);
        return NotFound;
    }

    /// <summary>Each user is a separate part of the result and is held separately.</summary>
    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            await HoldAsync(cancellationToken);
            part(new StoreReadMany([key], new Dictionary<UserKey, UserDocument>(), 1));
        }
    }

    public async ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken)
    {
        await HoldAsync(cancellationToken);
        return new StoreFind([], 1);
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _all.Enqueue(read);
            _arrivals.Writer.TryWrite(read);
        }

        await read.Task.WaitAsync(cancellationToken);
    }
}
