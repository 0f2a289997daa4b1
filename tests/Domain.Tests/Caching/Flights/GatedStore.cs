using System.Collections.Concurrent;
using System.Text;
using System.Threading.Tasks.Sources;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>A store in which every read waits until the test completes it. Continuations run inline on the completing thread.</summary>
internal sealed class GatedStore : IUserStore
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new();
    private int _reads;

    /// <summary>Gets the number of reads that were sent.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Gets the token of the last read.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>Completes the read in flight of a user on the calling thread.</summary>
    public void Complete(string id, int version = 1)
    {
        Assert.True(_gates.TryRemove(id, out var gate), $"No read of {id} is in flight.");
        gate.Open(new StoreRead(StoreReadStatus.Found, DocumentOf(id, version), version, 1));
    }

    /// <summary>Fails the read in flight of a user on the calling thread.</summary>
    public void Fail(string id, Exception exception)
    {
        Assert.True(_gates.TryRemove(id, out var gate), $"No read of {id} is in flight.");
        gate.Fail(exception);
    }

    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        Token = cancellationToken;
        var gate = _gates[key.Id] = new Gate();
        return new ValueTask<StoreRead>(gate, 0);
    }

    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        Token = cancellationToken;
        var gate = _gates["many"] = new Gate();
        await new ValueTask<StoreRead>(gate, 0);
        part(new StoreReadMany(keys, keys.ToDictionary(key => key, key => DocumentOf(key.Id, 1)), 1));
    }

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The tests of this store look up no alternate keys.");

    private static UserDocument DocumentOf(string id, int version) => new(
        Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","version":{{version}}}"""), $"\"{id}-{version}\"", version, DateTimeOffset.UnixEpoch, []);

    /// <summary>A gate that, unlike a task, runs continuations on the opening thread at any stack depth.</summary>
    private sealed class Gate : IValueTaskSource<StoreRead>
    {
        private ManualResetValueTaskSourceCore<StoreRead> _read;

        public void Open(in StoreRead read) => _read.SetResult(read);

        public void Fail(Exception exception) => _read.SetException(exception);

        public StoreRead GetResult(short token) => _read.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _read.OnCompleted(continuation, state, token, flags);
    }
}
