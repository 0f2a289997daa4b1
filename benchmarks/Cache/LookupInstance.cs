using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>One instance as in the service: the cache, and a follower that confirms its entries once a second.</summary>
internal sealed class LookupInstance : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following;

    private LookupInstance(IUserStore store, int users)
    {
        var freshness = new FreshnessTracker(TimeProvider.System);
        var options = new UserCacheOptions
        {
            SizeBytes = Math.Max(64L << 20, users * 4096L),
            // A poll may wait for a core, because the benchmark uses all of them. The entries must not expire in the meantime.
            MaxStaleness = TimeSpan.FromMinutes(10),
            MaxUnseenDelete = TimeSpan.FromHours(1),
        };
        Cache = new UserCache(store, freshness, options, TimeProvider.System);
        _following = new ChangeFeedFollower(new QuietFeed(), Cache, freshness, new FollowerOptions(), TimeProvider.System, new NoObserver())
            .RunAsync(_stop.Token);
        Freshness = freshness;
    }

    public UserCache Cache { get; }

    private FreshnessTracker Freshness { get; }

    /// <summary>Creates an instance whose feed is armed.</summary>
    public static async Task<LookupInstance> StartAsync(IUserStore store, int users)
    {
        var instance = new LookupInstance(store, users);
        while (!instance.Freshness.IsArmed)
        {
            // The follower polls while the cache is not empty.
            await instance.Cache.GetAsync(UserKey.Create("first"), default, CancellationToken.None);
            await Task.Delay(1);
        }

        instance.Cache.Clear();
        return instance;
    }

    /// <summary>Creates an instance that has cached the users 0, 1, 2 and so on.</summary>
    public static async Task<LookupInstance> FilledAsync(int users)
    {
        var instance = await StartAsync(new InstantStore(), users);
        for (var user = 0; user < users; user++)
            await instance.Cache.GetAsync(Population.KeyOf(user), default, CancellationToken.None);
        return instance;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
        Cache.Dispose();
    }

    /// <summary>A feed without changes.</summary>
    private sealed class QuietFeed : IChangeFeed
    {
        public ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken) =>
            new(new FeedStart([new FeedPosition("0", "0")], new OneRange()));

        public ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken) =>
            new(new FeedPage([], [position], EndReached: true, Unreadable: 0, RequestCharge: 1));
    }

    private sealed class OneRange : IFeedPartitioner
    {
        public int RangeOf(string partitionKey) => 0;
    }

    private sealed class NoObserver : IFollowerObserver;
}
