using System.Text.Json;
using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Races;

/// <summary>The cache of Lookup, notified of the change as by the change feed.</summary>
internal sealed class LookupContender : IContender
{
    private static readonly UserKey Key = UserKey.Create("u1");

    private readonly FakeDatabase _database = new();
    private readonly UserCache _cache;
    private VersionedSource? _source;

    public LookupContender()
    {
        _cache = new UserCache(_database, new FreshnessTracker(TimeProvider.System), new UserCacheOptions(), TimeProvider.System);
        _database.BeforeRead = (_, _) => _database.UpsertAsync(Key.Id, null, _source!.Version, CancellationToken.None);
        _database.AfterRead = _ => _source!.ReadAsync(); // counts and delays reads; the result has already been read
    }

    public string Name => "Lookup UserCache Evict";

    public async ValueTask<int> GetAsync(VersionedSource source)
    {
        _source = source;
        var result = await _cache.GetAsync(Key, default, CancellationToken.None);
        using var user = JsonDocument.Parse(result.Document!.Body);
        return user.RootElement.GetProperty("version").GetInt32();
    }

    public ValueTask InvalidateAsync()
    {
        _cache.Evict(new UserChange(Key, 0, []), EvictionSource.Follower);
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _cache.Dispose();
        return default;
    }
}
