using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;
using Lookup.Functions.SharedTier.Redis;
using Lookup.Support;

namespace Lookup.Benchmarks.Races.SharedTier;

/// <summary>Instances of Lookup's cache and change feed follower on one database, with the service's own client of Redis.</summary>
internal sealed class LookupSharedContender : ISharedContender
{
    private readonly FakeDatabase _database = new();
    private readonly ConcurrentDictionary<string, VersionedSource> _sources = new(StringComparer.Ordinal);
    private readonly Instance[] _instances;

    private LookupSharedContender(int port)
    {
        _database.AfterRead = key => _sources.TryGetValue(key.Id, out var source) ? source.ReadAsync() : Task.CompletedTask; // the result has already been read
        _instances = [.. Enumerable.Range(0, 3).Select(_ => new Instance(_database, port))];
    }

    public string Name => "Lookup, change feed";

    public static async Task<ISharedContender> StartAsync(int port)
    {
        var contender = new LookupSharedContender(port);
        await contender._database.UpsertAsync("connect", null, 1, CancellationToken.None);
        foreach (var instance in contender._instances)
        {
            await Eventually.IsTrueAsync(() => instance.Freshness.IsArmed, "the feed is armed");
            await instance.Cache.GetAsync(UserKey.Create("connect"), default, CancellationToken.None); // an empty cache does not poll
        }

        return contender;
    }

    public async Task PrepareAsync(IReadOnlyList<Row> rows)
    {
        foreach (var row in rows)
        {
            _sources[row.Key] = row.Source;
            await _database.UpsertAsync(row.Key, null, 1, CancellationToken.None);
        }

        await CatchUpAsync();
    }

    public async ValueTask<int> GetAsync(int instance, Row row)
    {
        var result = await _instances[instance].Cache.GetAsync(UserKey.Create(row.Key), default, CancellationToken.None);
        using var user = JsonDocument.Parse(result.Document!.Body);
        return user.RootElement.GetProperty("version").GetInt32();
    }

    public async Task ChangeAsync(int instance, IReadOnlyList<Row> rows)
    {
        foreach (var row in rows)
        {
            row.Source.Change();
            await _database.UpsertAsync(row.Key, null, row.Source.Version, CancellationToken.None);
        }

        await CatchUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        var accepted = _instances.Select(instance => instance.Cache.GetStatistics().SharedTier!.Accepted.ToString(CultureInfo.InvariantCulture));
        Console.Error.WriteLine($"{Name}: {string.Join(", ", accepted)} results came from Redis.");
        foreach (var instance in _instances)
            await instance.DisposeAsync();
    }

    /// <summary>Waits until the feed has shown every change to all instances.</summary>
    private async Task CatchUpAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.IsTrueAsync(
            () => Array.TrueForAll(_instances, instance => instance.Freshness.ConfirmedAge < TimeProvider.System.GetElapsedTime(began)),
            "the feed has shown all changes");
    }

    private sealed class Instance : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly RedisTier _tier;
        private readonly Task _following;

        public Instance(FakeDatabase database, int port)
        {
            var limit = TimeSpan.FromSeconds(1);
            _tier = new RedisTier(RedisOptions.Create(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), limit));
            Freshness = new FreshnessTracker(TimeProvider.System);
            Cache = new UserCache(database, Freshness, new UserCacheOptions(), TimeProvider.System, new SharedTierOptions
            {
                Tier = _tier,
                Shape = new DocumentShape([], [], "/id"),
                LogIdentity = _ => "races",
                Timeout = limit,
            });
            var options = new FollowerOptions { Polling = FeedPolling.Steady, PollInterval = TimeSpan.FromMilliseconds(100), IdleAfter = TimeSpan.FromHours(1) };
            _following = new ChangeFeedFollower(database, Cache, Freshness, options, TimeProvider.System, new NoObserver()).RunAsync(_stop.Token);
        }

        public FreshnessTracker Freshness { get; }

        public UserCache Cache { get; }

        public async ValueTask DisposeAsync()
        {
            _stop.Cancel();
            await _following;
            _stop.Dispose();
            Cache.Dispose();
            _tier.Dispose();
        }
    }

    private sealed class NoObserver : IFollowerObserver;
}
