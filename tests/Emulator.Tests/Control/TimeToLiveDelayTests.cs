using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Emulator.Tests.Control;

/// <summary>
/// Tests the deletions of expired items. Reads and queries do not return an item from its expiry on; a background task deletes it later, when
/// throughput is left (docs: "Time to Live in Azure Cosmos DB"). The feed shows that deletion in the mode of all versions and deletes only
/// (docs: "Change feed modes in Azure Cosmos DB").
/// </summary>
public sealed class TimeToLiveDelayTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Expired_item_is_hidden_at_once_and_its_deletion_reaches_the_feed_after_the_delay()
    {
        await using var own = await StartAsync();
        var continuation = await NowAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal((404, null, "3"), await ReadAsync(own, "u1"));
        Assert.Equal("u2", Assert.Single(await FeedIterators.AllAsync(own.Container.GetItemQueryIterator<UserItem>("SELECT * FROM c"))).id);
        var many = await own.Container.ReadManyItemsAsync<UserItem>([("u1", new("u1")), ("u2", new("u2"))], cancellationToken: Cancellation);
        Assert.Equal("u2", Assert.Single(many).id);
        Assert.Equal("u2", Assert.Single((await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning())).Items).id);
        _clock.Advance(Delay - TimeSpan.FromTicks(1));
        Assert.Empty(await ChangesAsync(own, continuation));
        Assert.Equal((404, null, "3"), await ReadAsync(own, "u1"));

        _clock.Advance(TimeSpan.FromTicks(1));

        var deletion = Assert.Single(await ChangesAsync(own, continuation)).Metadata;
        Assert.Equal((ChangeFeedOperationType.Delete, true, "u1", 4), (deletion.OperationType, deletion.IsTimeToLiveExpired, deletion.Id, deletion.Lsn));
        Assert.Equal((404, null, "4"), await ReadAsync(own, "u1"));
        Assert.Equal("u2", Assert.Single((await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning())).Items).id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_of_the_id_while_its_deletion_is_pending_creates_an_item_after_the_deletion(bool upsert)
    {
        await using var own = await StartAsync();
        var old = await own.Container.ReadItemAsync<JsonElement>("u1", new("u1"), cancellationToken: Cancellation);
        var continuation = await NowAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(61));

        var user = UserItem.Number(1) with { name = "second" };
        var created = upsert
            ? await own.Container.UpsertItemAsync(user, new("u1"), cancellationToken: Cancellation)
            : await own.Container.CreateItemAsync(user, new("u1"), cancellationToken: Cancellation);
        var read = await own.Container.ReadItemAsync<JsonElement>("u1", new("u1"), cancellationToken: Cancellation);
        _clock.Advance(Delay);

        Assert.Equal((HttpStatusCode.Created, "5"), (created.StatusCode, created.Headers["lsn"]));
        Assert.NotEqual(old.Resource.GetProperty("_rid").GetString(), read.Resource.GetProperty("_rid").GetString());
        // The deletion is not recorded again when its time has come.
        var changes = await ChangesAsync(own, continuation);
        Assert.Equal(
            [(ChangeFeedOperationType.Delete, true, 4), (ChangeFeedOperationType.Create, false, 5)],
            changes.Select(change => (change.Metadata.OperationType, change.Metadata.IsTimeToLiveExpired, change.Metadata.Lsn)));
        Assert.Equal("second", changes[1].Current.name);
    }

    [Fact]
    public async Task Rejected_write_of_an_expired_item_leaves_its_deletion_pending()
    {
        await using var own = await StartAsync();
        var continuation = await NowAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(61));

        await NotFoundAsync(() => own.Container.ReplaceItemAsync(UserItem.Number(1), "u1", new("u1"), cancellationToken: Cancellation));
        await NotFoundAsync(() => own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation));
        await NotFoundAsync(() => own.Container.PatchItemAsync<UserItem>("u1", new("u1"), [PatchOperation.Set("/name", "n")], cancellationToken: Cancellation));

        Assert.Empty(await ChangesAsync(own, continuation));
        Assert.Equal((404, null, "3"), await ReadAsync(own, "u1"));
    }

    [Fact]
    public async Task Pending_deletions_are_recorded_in_the_order_of_their_expiry()
    {
        await using var own = await StartAsync();
        await own.Container.CreateItemAsync(UserItem.Number(3) with { ttl = 30 }, new("u3"), cancellationToken: Cancellation);
        await own.Container.CreateItemAsync(UserItem.Number(4) with { ttl = 50 }, new("u4"), cancellationToken: Cancellation);
        var continuation = await NowAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(404, (await ReadAsync(own, "u1")).Status);

        await own.Control.SetTimeToLiveDelayAsync(TimeSpan.Zero);

        Assert.Equal(["u3", "u4", "u1"], (await ChangesAsync(own, continuation)).Select(change => change.Metadata.Id));
    }

    [Fact]
    public async Task Split_keeps_deletions_pending()
    {
        await using var own = await StartAsync();
        var continuation = await NowAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(404, (await ReadAsync(own, "u1")).Status);

        await own.Control.SplitAsync(own.Container, "0");

        Assert.Empty(await ChangesAsync(own, continuation));
        _clock.Advance(Delay);
        Assert.Equal("u1", Assert.Single(await ChangesAsync(own, continuation)).Metadata.Id);
    }

    /// <summary>After a merge, the feed that would show the deletion fails. The LSN of the range shows it too.</summary>
    [Fact]
    public async Task Merge_keeps_deletions_pending()
    {
        await using var own = await StartAsync();
        await own.Control.SplitAsync(own.Container, "0");
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(404, (await ReadAsync(own, "u1")).Status);

        await own.Control.MergeAsync(own.Container, "1", "2");

        Assert.Equal((404, null, "4"), await ReadAsync(own, "u1"));
        _clock.Advance(Delay);
        Assert.Equal((404, null, "5"), await ReadAsync(own, "u1"));
    }

    [Fact]
    public async Task Replica_that_lags_does_not_return_an_expired_item_before_or_after_its_deletion_is_recorded()
    {
        await using var own = await StartAsync();
        _clock.Advance(TimeSpan.FromSeconds(59));
        await own.Control.SetLagAsync(maxMs: 86_400_000, seed: 1);
        Assert.Contains(await StatusesAsync(), status => status == 200);

        foreach (var wait in (TimeSpan[])[TimeSpan.FromSeconds(2), Delay])
        {
            _clock.Advance(wait);
            Assert.All(await StatusesAsync(), status => Assert.Equal(404, status));
            Assert.All(await IdsInFeedAsync(), ids => Assert.DoesNotContain("u1", ids));
        }

        async Task<List<int>> StatusesAsync()
        {
            var statuses = new List<int>();
            for (var i = 0; i < 20; i++) statuses.Add((await ReadAsync(own, "u1", session: "0:-1#2")).Status);
            return statuses;
        }

        async Task<List<string>> IdsInFeedAsync()
        {
            var pages = new List<string>();
            for (var i = 0; i < 20; i++)
            {
                var (_, body, _) = await own.Raw.SendAsync(
                    "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", "\"0\""), ("x-ms-session-token", "0:-1#2")]);
                pages.Add(body.Length == 0 ? "" : string.Join(',', JsonDocument.Parse(body).RootElement.GetProperty("Documents").EnumerateArray().Select(item => item.GetProperty("id").GetString())));
            }

            return pages;
        }
    }

    [Fact]
    public async Task Replica_that_lags_does_not_return_an_earlier_version_that_has_expired()
    {
        await using var own = await StartAsync();
        await own.Container.UpsertItemAsync(UserItem.Number(1) with { version = 3 }, new("u1"), cancellationToken: Cancellation);
        await own.Control.SetLagAsync(maxMs: 86_400_000, seed: 1);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal((200, null, "2"), await ReadAsync(own, "u1", session: "0:-1#2"));

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((404, null, "2"), await ReadAsync(own, "u1", session: "0:-1#2"));
        Assert.Equal(200, (await ReadAsync(own, "u1", session: "0:-1#4")).Status);
    }

    private static async Task NotFoundAsync(Func<Task> act) =>
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<CosmosException>(act)).StatusCode);

    private static async Task<string> NowAsync(OwnEmulator own) =>
        (await own.Container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes)).Continuation;

    private static async Task<List<ChangeFeedItem<UserItem>>> ChangesAsync(OwnEmulator own, string continuation) =>
        (await own.Container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.ContinuationToken(continuation), ChangeFeedMode.AllVersionsAndDeletes)).Items;

    private static async Task<(int Status, string? SubStatus, string Lsn)> ReadAsync(OwnEmulator own, string id, string? session = null)
    {
        (string, string)[] headers =
            [("x-ms-documentdb-partitionkey", $"[\"{id}\"]"), .. session is null ? Array.Empty<(string, string)>() : [("x-ms-session-token", session)]];
        var (status, _, response) = await own.Raw.SendAsync("GET", $"{own.Path}/docs/{id}", headers: headers);
        var subStatus = response.Headers.TryGetValues("x-ms-substatus", out var values) ? values.Single() : null;
        return ((int)status, subStatus, response.Headers.GetValues("lsn").Single());
    }

    /// <summary>Starts an endpoint with one range: version 1 and 2 of user 1 with a time to live of a minute, and user 2 with none.</summary>
    private async Task<OwnEmulator> StartAsync()
    {
        var own = await OwnEmulator.StartAsync(
            new CosmosEmulatorOptions { TimeProvider = _clock }, container: properties => properties.DefaultTimeToLive = -1);
        await own.Control.SetTimeToLiveDelayAsync(Delay);
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        await own.Container.UpsertItemAsync(UserItem.Number(1) with { version = 2, ttl = 60 }, new("u1"), cancellationToken: Cancellation);
        await own.Container.CreateItemAsync(UserItem.Number(2), new("u2"), cancellationToken: Cancellation);
        return own;
    }
}
