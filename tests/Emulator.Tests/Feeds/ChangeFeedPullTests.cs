using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Feeds;

public sealed class ChangeFeedPullTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    [Fact]
    public async Task Pull_from_the_beginning_returns_the_latest_version_of_each_existing_document()
    {
        var container = await ContainerOfUsersAsync(10);
        await SaveAsync(container, UserItem.Number(1) with { name = "changed" });
        await container.DeleteItemAsync<UserItem>("u2", Key("u2"), cancellationToken: Cancellation);

        var (items, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning());

        Assert.Equal(9, items.Count);
        Assert.Equal("changed", Assert.Single(items, user => user.id == "u1").name);
        Assert.DoesNotContain(items, user => user.id == "u2");
    }

    [Fact]
    public async Task Pull_item_contains_its_LSN()
    {
        var container = await ContainerOfUsersAsync(0);
        var written = await container.CreateItemAsync(UserItem.Number(1), Key("u1"), cancellationToken: Cancellation);

        var (items, _) = await container.DrainAsync<JsonElement>(ChangeFeedStartFrom.Beginning());

        Assert.Equal(written.Headers["lsn"], Assert.Single(items).GetProperty("_lsn").GetRawText());
    }

    [Fact]
    public async Task Pull_from_now_starts_with_304_and_then_returns_later_changes()
    {
        var container = await ContainerOfUsersAsync(3);
        var (before, continuation) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());
        await UserAsync(container, 1);
        await UserAsync(container, 7);

        var (after, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(continuation));

        Assert.Empty(before);
        Assert.Equal(["u1", "u7"], after.Select(user => user.id).Order());
    }

    [Fact]
    public async Task Pull_from_the_same_continuation_twice_returns_the_same()
    {
        var container = await ContainerOfUsersAsync(3);
        var (_, continuation) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());
        await UserAsync(container, 1);

        var (first, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(continuation));
        var (second, last) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(continuation));
        var (third, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(last));

        Assert.Single(first);
        Assert.Equal(first, second);
        Assert.Empty(third);
    }

    [Fact]
    public async Task Pull_from_a_time_omits_older_changes()
    {
        // Both times are far enough away for the service, which resolves them to about five seconds.
        var container = await ContainerOfUsersAsync(3);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;

        var (sinceAnHour, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Time(now.AddHours(-1)));
        Assert.Equal(3, sinceAnHour.Count);
        if (Endpoint.IsEmulator)
            Assert.Empty((await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Time(now.AddHours(1)))).Items);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pull_in_pages_of_any_size_returns_each_change_once(int pageSize)
    {
        var container = await ContainerOfUsersAsync(20);

        var (items, _) = await FeedIterators.DrainAsync(container.GetChangeFeedIterator<UserItem>(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = pageSize }));

        Assert.Equal(20, items.Count);
        Assert.Equal(20, items.Select(user => user.id).Distinct().Count());
    }

    [Fact]
    public async Task Pull_of_each_feed_range_returns_everything_once()
    {
        var container = await ContainerOfUsersAsync(20);
        var ids = new List<string>();

        foreach (var range in await container.GetFeedRangesAsync(Cancellation))
            ids.AddRange((await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning(range))).Items.Select(user => user.id));

        Assert.Equal(20, ids.Count);
        Assert.Equal(20, ids.Distinct().Count());
    }

    [Fact]
    public async Task Pull_of_one_partition_key_returns_its_changes_only()
    {
        var container = await ContainerOfUsersAsync(5);

        var (items, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(Key("u3"))));

        Assert.Equal("u3", Assert.Single(items).id);
    }

    [Fact]
    public async Task Pull_keeps_the_order_within_a_partition_key()
    {
        var container = await Endpoint.NewContainerAsync();
        var (_, continuation) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());
        for (var number = 0; number < 10; number++) await SaveAsync(container, new UserItem($"item{number}", "one", "e", "n", number));

        var (items, _) = await container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(continuation));

        Assert.Equal(Enumerable.Range(0, 10), items.Select(item => item.version));
    }

    [Fact]
    public async Task Pull_as_a_stream_returns_documents_and_then_304_with_a_continuation()
    {
        var container = await Endpoint.NewContainerAsync();
        await UserAsync(container, 1);
        var range = FeedRange.FromPartitionKey(Key("u1"));
        using var iterator = container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Beginning(range), ChangeFeedMode.LatestVersion);

        using var page = await iterator.ReadNextAsync(Cancellation);
        using var end = await iterator.ReadNextAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(1, JsonDocument.Parse(page.Content).RootElement.GetProperty("Documents").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotModified, end.StatusCode);
        Assert.NotEmpty(end.ContinuationToken);
    }

    [Fact]
    public async Task Pull_that_finds_nothing_is_one_feed_poll_for_each_range()
    {
        await using var emulator = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 3 }, Cancellation);
        using var client = Clients.Connect(emulator.ConnectionString);
        var own = await Containers.CreateAsync(client);
        using var control = new ControlClient(emulator);
        var (_, continuation) = await own.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());
        var before = await control.StatAsync("feedPolls");

        await own.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(continuation));

        Assert.Equal(3, await control.StatAsync("feedPolls") - before);
    }
}
