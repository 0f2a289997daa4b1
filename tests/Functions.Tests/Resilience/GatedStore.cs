using System.Collections.Concurrent;
using System.Threading.Channels;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Support;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>A store each of whose reads is held until the test answers it, and that counts them.</summary>
internal sealed class GatedStore : IUserStore
{
    public static readonly StoreRead NotFound = new(StoreReadStatus.NotFound, null, 1, 1);

    private readonly Lock _gate = new(); // a read is in both lists or in none
    private readonly ConcurrentQueue<TaskCompletionSource> _all = new();
    private readonly Channel<TaskCompletionSource> _arrivals = Channel.CreateUnbounded<TaskCompletionSource>();

    /// <summary>How many reads have reached the store.</summary>
    public int Reads => _all.Count;

    /// <summary>Waits for the next read to reach the store, and gives what ends it.</summary>
    public async Task<TaskCompletionSource> NextAsync() =>
        await Eventually.EndsAsync(_arrivals.Reader.ReadAsync(Cancel.Token).AsTask(), "a read reaches the store");

    /// <summary>Answers all that are held.</summary>
    public void ReleaseAll()
    {
        lock (_gate)
        {
            while (_arrivals.Reader.TryRead(out _))
            {
                // Nobody needs to wait for what is answered here.
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

    /// <summary>Each user is a part of the answer, held for itself.</summary>
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
