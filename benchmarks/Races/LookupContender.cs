using System.Text.Json;
using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Races;

/// <summary>Lookup's cache, told of the change as the change feed tells it.</summary>
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
        _database.AfterRead = _ => _source!.ReadAsync(); // counts and holds reads; the answer was taken already
    }

    public string Name => "Lookup UserCache Evict";

    public async ValueTask<int> GetAsync(VersionedSource source)
    {
        _source = source;
        var answer = await _cache.GetAsync(Key, default, CancellationToken.None);
        using var user = JsonDocument.Parse(answer.Document!.Body);
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
