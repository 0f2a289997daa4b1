using System.Collections.Concurrent;
using System.Text;
using System.Threading.Tasks.Sources;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>A store whose every read waits until the test answers it; the answer is heard on the thread that gives it.</summary>
internal sealed class GatedStore : IUserStore
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new();
    private int _reads;

    /// <summary>How many reads were sent.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>The token of the read sent last.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>Answers the read under way of a user, on this thread.</summary>
    public void Answer(string id, int version = 1)
    {
        Assert.True(_gates.TryRemove(id, out var gate), $"nobody reads {id}");
        gate.Open(new StoreRead(StoreReadStatus.Found, DocumentOf(id, version), version, 1));
    }

    /// <summary>Fails the read under way of a user, on this thread.</summary>
    public void Fail(string id, Exception exception)
    {
        Assert.True(_gates.TryRemove(id, out var gate), $"nobody reads {id}");
        gate.Refuse(exception);
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
        throw new NotSupportedException("No test here looks for an alternate key.");

    private static UserDocument DocumentOf(string id, int version) => new(
        Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","version":{{version}}}"""), $"\"{id}-{version}\"", version, DateTimeOffset.UnixEpoch, []);

    /// <summary>Unlike a task it goes on on the opener's thread however deep the stack is.</summary>
    private sealed class Gate : IValueTaskSource<StoreRead>
    {
        private ManualResetValueTaskSourceCore<StoreRead> _read;

        public void Open(in StoreRead read) => _read.SetResult(read);

        public void Refuse(Exception exception) => _read.SetException(exception);

        public StoreRead GetResult(short token) => _read.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _read.OnCompleted(continuation, state, token, flags);
    }
}
