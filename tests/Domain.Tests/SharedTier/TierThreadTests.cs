using System.Collections.Concurrent;
using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;
using Lookup.Support;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests that no request continues on the thread on which the client of a tier receives responses. Uses real threads.</summary>
public sealed class TierThreadTests : IDisposable
{
    private readonly FakeDatabase _database = new(ranges: 1);
    private readonly GatedTier _tier = new();
    private readonly UserCache _cache;

    public TierThreadTests()
    {
        var freshness = new FreshnessTracker(TimeProvider.System);
        var options = new SharedTierOptions
        {
            Tier = _tier,
            Shape = new DocumentShape([], [], "/id"),
            LogIdentity = _ => FakeTier.Log,
            Timeout = TimeSpan.FromSeconds(1),
        };
        _cache = new UserCache(_database, freshness, new UserCacheOptions { ReadDeadline = TimeSpan.FromMinutes(1) }, TimeProvider.System, options);
        freshness.BeginEpochs(null, 1);
        freshness.NotePartition(0, _database.PartitionOf("u1"));
        freshness.Confirm(freshness.Current[0], freshness.Clock.Now, [new LogPosition(_database.PartitionOf("u1"), 10)]);
    }

    public void Dispose() => _cache.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Request_continues_on_another_thread_than_that_of_the_tier(bool succeeds, bool isBatch)
    {
        var threads = new ConcurrentQueue<int>();
        _database.BeforeRead = (_, _) =>
        {
            threads.Enqueue(Environment.CurrentManagedThreadId);
            return Task.CompletedTask;
        };
        SynchronizationContext.SetSynchronizationContext(null);

        var caller = CallAsync();
        var receiver = new Thread(() => _tier.Complete(succeeds));
        receiver.Start();
        await Eventually.EndsAsync(caller, "the request");

        Assert.Equal(isBatch ? 1 : 2, threads.Count); // the read of one user, and the request
        Assert.DoesNotContain(receiver.ManagedThreadId, threads);

        async Task CallAsync()
        {
            if (isBatch)
                await _cache.GetManyAsync([UserKey.Create("u1"), UserKey.Create("u2")], default, CancellationToken.None);
            else
                await _cache.GetAsync(UserKey.Create("u1"), default, CancellationToken.None);
            threads.Enqueue(Environment.CurrentManagedThreadId);
        }
    }

    /// <summary>A tier whose reads complete when the test wants it to, on the thread of the test, and with their continuations inline.</summary>
    private sealed class GatedTier : ISharedTier
    {
        private readonly TaskCompletionSource<bool> _gate = new();

        public void Complete(bool succeeds)
        {
            if (succeeds)
                _gate.SetResult(true);
            else
                _gate.SetException(new SharedTierException("down"));
        }

        public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
        {
            await _gate.Task;
            return null;
        }

        public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
        {
            await _gate.Task;
            return new ReadOnlyMemory<byte>?[keys.Count];
        }

        public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) => default;

        public ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) => new(true);

        public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => default;
    }
}
