using Lookup.Domain.Caching;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests that a request with a session token gets no result that is older than the session.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task Cached_user_is_served_if_its_read_reflects_the_session_and_read_otherwise()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var first = await PositionAsync(instance, "u1");
        await instance.GetAsync("u1");
        var reads = instance.Database.Reads;

        var hit = await instance.GetAsync("u1", InSession(first));
        await instance.WriteAsync("u1", 2);
        var second = await PositionAsync(instance, "u1");
        var read = await instance.GetAsync("u1", InSession(second));
        var again = await instance.GetAsync("u1", InSession(first));

        Assert.Equal((LookupSource.Hit, 1), (hit.Source, hit.Version()));
        Assert.Equal((LookupSource.Request, 2), (read.Source, read.Version()));
        Assert.Equal((LookupSource.Hit, 2), (again.Source, again.Version()));
        Assert.Equal(reads + 2, instance.Database.Reads); // one of them by PositionAsync
    }

    [Fact]
    public async Task Read_is_repeated_until_a_replica_has_reached_the_session()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var old = await instance.Database.ReadAsync(UserKey.Create("u1"), null, Token);
        await instance.WriteAsync("u1", 2);
        var position = await PositionAsync(instance, "u1");
        var lagging = 3;
        instance.Database.ReplaceResult = (_, read) => lagging-- > 0 ? old : read;

        var result = instance.GetAsync("u1", InSession(position)).AsTask();
        await instance.MoveUntilAsync(result);

        Assert.Equal((2, 3L), ((await result).Version(), instance.Cache.GetStatistics().BehindReads));
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
    }

    [Fact]
    public async Task Revalidation_by_a_replica_that_has_reached_the_session_makes_the_cached_version_reflect_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        await instance.WriteAsync("u3", 1); // in the same partition
        var position = await PositionAsync(instance, "u3");

        var revalidated = await instance.GetAsync("u1", InSession(position));
        var hit = await instance.GetAsync("u1", InSession(position));

        Assert.True(revalidated.IsRevalidated);
        Assert.Equal(LookupSource.Hit, hit.Source);
    }

    [Fact]
    public async Task Session_that_no_replica_reaches_until_the_deadline_fails_without_affecting_others()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var position = await PositionAsync(instance, "u1");

        var ahead = instance.GetAsync("u1", InSession(position with { Lsn = 1_000_000 }) with { StaleIfError = TimeSpan.FromHours(1) }).AsTask();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.1));

        Assert.Equal(UserStoreFailure.Behind, (await Assert.ThrowsAsync<UserStoreException>(() => ahead)).Failure);
        Assert.InRange(instance.Database.Reads, 5, 25);
        Assert.Equal(0, instance.Cache.GetStatistics().Flights);
    }

    [Fact]
    public async Task Session_read_that_is_canceled_ends()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var position = await PositionAsync(instance, "u1");
        using var leaving = new CancellationTokenSource();
        var ahead = instance.GetAsync("u1", InSession(position with { Lsn = 1_000_000 }), leaving.Token).AsTask();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(0.5));

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ahead);
    }

    [Fact]
    public async Task Token_without_the_partition_of_the_user_is_translated_by_the_store()
    {
        var database = new Contracts.FakeDatabase();
        var store = new TranslatingStore(database);
        await using var instance = new Instance(database: database, store: store);
        await instance.WriteAsync("u1", 1);
        var old = await database.ReadAsync(UserKey.Create("u1"), null, Token);
        await instance.WriteAsync("u1", 2);
        var lagging = 2;
        database.ReplaceResult = (_, read) => lagging-- > 0 ? old : read;
        store.Position = await PositionAsync(instance, "u1") with { Lsn = 2 };
        lagging = 2;

        var result = instance.GetAsync("u1", InSession(new LogPosition(new LogPartition("99", -1), 7))).AsTask();
        await instance.MoveUntilAsync(result);

        Assert.Equal(2, (await result).Version());
        Assert.Equal(["99:-1#7"], store.Tokens);
    }

    [Fact]
    public async Task Only_if_cached_with_a_session_that_the_cache_does_not_reflect_is_not_cached()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        var position = await PositionAsync(instance, "u1");

        var later = InSession(position with { Lsn = position.Lsn + 1 }) with { OnlyIfCached = true, MaxStale = TimeSpan.MaxValue };
        Assert.Equal(LookupStatus.NotCached, (await instance.GetAsync("u1", later)).Status);
        Assert.Equal(LookupStatus.Found, (await instance.GetAsync("u1", InSession(position) with { OnlyIfCached = true })).Status);
    }

    [Fact]
    public async Task Deleted_user_is_not_found_once_a_replica_has_reached_the_session()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        await instance.Database.DeleteAsync("u1", Token);
        var position = await PositionAsync(instance, "u1");

        Assert.Equal(LookupStatus.NotFound, (await instance.GetAsync("u1", InSession(position))).Status);
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1", InSession(position))).Source);
    }

    private static async Task<LogPosition> PositionAsync(Instance instance, string id) =>
        (await instance.Database.ReadAsync(UserKey.Create(id), null, Token)).Position;

    private static ReadDirectives InSession(LogPosition position)
    {
        Assert.True(SessionToken.TryParse($"{position.Partition!.Id}:{position.Partition.Version}#{position.Lsn}", out var token));
        return new ReadDirectives { Session = token };
    }

    private sealed class TranslatingStore(IUserStore store) : IUserStore
    {
        public LogPosition Position { get; set; }

        public List<string> Tokens { get; } = [];

        public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
            store.ReadAsync(key, ifNoneMatch, cancellationToken);

        public ValueTask<StoreRead> ReadInSessionAsync(UserKey key, SessionToken session, CancellationToken cancellationToken)
        {
            Tokens.Add(session.Text);
            return ValueTask.FromResult(new StoreRead(StoreReadStatus.NotFound, null, Position.Lsn, 1) { Partition = Position.Partition });
        }

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            store.ReadManyAsync(keys, part, cancellationToken);

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            store.FindAsync(key, limit, cancellationToken);
    }
}
