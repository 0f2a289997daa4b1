using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>The cache of the service, with users of equal size, so that a number of entries corresponds to a number of bytes.</summary>
/// <remarks>Time advances with the accesses and no user changes, so a user is evicted only because the cache is full.</remarks>
internal sealed class UserCacheReplayed : SynchronizationContext, IReplayed
{
    private static readonly ReadDirectives Anything = new() { MaxStale = TimeSpan.MaxValue };

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly AccessTime _time = new();
    private readonly UserKey[] _keys;
    private readonly Store _store;
    private readonly UserCache _cache;

    /// <param name="policy">The eviction policy.</param>
    /// <param name="capacity">The capacity of the cache, in users.</param>
    /// <param name="keys">The number of users.</param>
    public UserCacheReplayed(EvictionPolicy policy, int capacity, int keys)
    {
        _keys = [.. Enumerable.Range(0, keys).Select(key => UserKey.Create(string.Create(CultureInfo.InvariantCulture, $"u{key:d8}")))];
        _store = new Store();
        using var empty = new EntryMemory(0, policy);
        empty.IsTooLarge(_keys[0].Id, CacheEntries.ForUser(Store.UserOf(_keys[0]), 0, EntryStamp.None), out var size, out _);

        // An eighth of the size for entries is reserved for unknown ids, of which there are none here.
        var budget = new MemoryBudget(EntryBytes: ((capacity * size * 8) + 6) / 7, LsnElements: 1, Flights: 64, Stripes: 1);
        var options = new UserCacheOptions { EvictionPolicy = policy, MaxUnseenDelete = null };
        _cache = new UserCache(_store, new FreshnessTracker(_time), options, _time, budget);
    }

    public long StoreReads => _store.Reads;

    public void Access(int key)
    {
        // Work that the cache defers, such as eviction, runs inline, so that every run is the same.
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            _time.Move();
            var lookup = _cache.GetAsync(_keys[key], Anything, CancellationToken.None).AsTask();
            while (_ready.TryDequeue(out var next))
                next.Callback(next.State);
            lookup.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _ready.Enqueue((d, state));

    public void Dispose() => _cache.Dispose();

    /// <summary>A clock that advances by a millisecond for each access. The cache distinguishes uses that are 100 accesses apart.</summary>
    private sealed class AccessTime : TimeProvider
    {
        private long _ticks = DateTimeOffset.UnixEpoch.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Move() => _ticks += TimeSpan.TicksPerMillisecond;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => new(_ticks, TimeSpan.Zero);

        /// <summary>Returns a timer that never fires: reads take no time, so no deadline is reached.</summary>
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Never.Instance;

        private sealed class Never : ITimer
        {
            public static readonly Never Instance = new();

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }

    private sealed class Store : IUserStore
    {
        private static readonly byte[] Body = new byte[1024];

        public long Reads { get; private set; }

        public static UserDocument UserOf(UserKey key) => new(Body, $"\"{key.Id}\"", 0, DateTimeOffset.UnixEpoch, []);

        public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
        {
            Reads++;
            return ValueTask.FromResult(new StoreRead(StoreReadStatus.Found, UserOf(key), 0, 1));
        }

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            throw new NotSupportedException("A replay looks up one user at a time.");

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException("A replay looks up one user at a time.");
    }
}
