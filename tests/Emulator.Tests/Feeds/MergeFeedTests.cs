using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Lookup.Support;
using Microsoft.Azure.Cosmos;
using static Lookup.Emulator.Tests.Feeds.MergingAccount;

namespace Lookup.Emulator.Tests.Feeds;

/// <summary>
/// Tests of the change feed after merges of physical ranges. The SDK reads a former range from the merged one, with the bounds of its keys (pull
/// requests 2013, 2084 and 2531 of Azure/azure-cosmos-dotnet-v3).
/// </summary>
public sealed class MergeFeedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Tests a client that has cached the ranges before each merge, over merges and splits of the same ranges.</summary>
    [Fact]
    public async Task Merge_between_pulls_leaves_each_change_delivered_once()
    {
        await using var own = await StartAsync();
        var (_, continuation) = await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());
        Func<Task>[] changes =
        [
            () => own.Control.MergeAsync(own.Container, "0", "1"), // 4
            () => own.Control.MergeAsync(own.Container, "4", "2"), // 5
            () => own.Control.SplitAsync(own.Container, "5"), // 6, 7
            () => own.Control.MergeAsync(own.Container, "7", "3"), // 8
            () => own.Control.MergeAsync(own.Container, "6", "8"), // 9, all keys
        ];
        for (var round = 0; round < changes.Length; round++)
        {
            var before = await SaveAllAsync(own, $"before {round}", number => number % 2 == 0);
            await changes[round]();
            var after = await SaveAllAsync(own, $"after {round}", number => number % 2 != 0);

            (var delivered, continuation) = await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(continuation));

            Assert.Equal([.. before.Concat(after).Order()], delivered.Select(user => $"{user.id} {user.name}").Order());
        }
    }

    /// <summary>Tests continuations from before the merge in a client that has not cached any ranges, as after a restart.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Continuation_of_a_former_range_returns_each_change_of_its_own_keys_once(int pageSize)
    {
        await using var own = await StartAsync();
        var former = await own.Container.GetFeedRangesAsync(Cancellation);
        var continuations = new List<string>();
        foreach (var range in former) continuations.Add((await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now(range))).Continuation);
        var places = new Dictionary<string, string>();
        for (var number = 0; number < Users; number++) places[$"u{number}"] = await RangeOfAsync(own, number);
        await SaveAllAsync(own, "before", number => number % 3 != 0);

        await own.Control.MergeAsync(own.Container, "0", "1");
        await own.Control.MergeAsync(own.Container, "4", "2");
        await SaveAllAsync(own, "after", number => number % 3 == 0);

        using var fresh = Clients.Connect(own.Emulator.ConnectionString);
        var container = fresh.GetContainer("lookup", own.Container.Id);
        Assert.Equal(2, (await container.GetFeedRangesAsync(Cancellation)).Count);
        var delivered = new List<string>();
        for (var i = 0; i < former.Count; i++)
        {
            var (users, next) = await FeedIterators.DrainAsync(container.GetChangeFeedIterator<UserItem>(
                ChangeFeedStartFrom.ContinuationToken(continuations[i]),
                ChangeFeedMode.LatestVersion,
                new ChangeFeedRequestOptions { PageSizeHint = pageSize }));
            Assert.All(users, user => Assert.Equal($"{i}", places[user.id]));
            delivered.AddRange(users.Select(user => user.id));
            Assert.Empty((await container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(next))).Items);
        }

        Assert.Equal(places.Keys.Order(), delivered.Order());
    }

    /// <summary>
    /// Items of a page can have the same LSN (docs: "Change feed modes in Azure Cosmos DB" for those of one transaction). A continuation names
    /// the LSN only, so that a page must contain all of them.
    /// </summary>
    [Fact]
    public async Task Page_of_a_merged_range_ends_between_LSNs()
    {
        await using var own = await StartAsync();
        await own.Control.MergeAsync(own.Container, "0", "1");
        await own.Control.MergeAsync(own.Container, "2", "3");
        await own.Control.MergeAsync(own.Container, "4", "5");

        var continuation = "\"0\"";
        var delivered = new List<(string Id, long Lsn)>();
        var longest = 0;
        while (true)
        {
            var (status, body, response) = await own.Raw.SendAsync(
                "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", continuation), ("x-ms-max-item-count", "1")]);
            continuation = response.Headers.ETag!.Tag;
            if (status == HttpStatusCode.NotModified) break;
            var page = JsonDocument.Parse(body).RootElement.GetProperty("Documents").EnumerateArray()
                .Select(item => (item.GetProperty("id").GetString()!, item.GetProperty("_lsn").GetInt64())).ToList();
            Assert.Single(page.DistinctBy(item => item.Item2));
            longest = Math.Max(longest, page.Count);
            delivered.AddRange(page);
        }

        Assert.Equal(Enumerable.Range(0, Users).Select(number => $"u{number}").Order(), delivered.Select(item => item.Id).Order());
        Assert.Equal(delivered.Select(item => item.Lsn).Order(), delivered.Select(item => item.Lsn));
        Assert.InRange(longest, 2, 4);
    }

    /// <summary>
    /// The mode fails with this status and text on accounts that have merged partitions at any time, without a remedy (issue 5707 of
    /// Azure/azure-cosmos-dotnet-v3).
    /// </summary>
    [Fact]
    public async Task Feed_of_all_versions_returns_500_after_a_merge_for_the_entire_account()
    {
        await using var own = await StartAsync();
        var other = await Containers.CreateAsync(own.Client);
        var (_, continuation) = await own.Container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes);

        await own.Control.MergeAsync(own.Container, "0", "1");

        await FailsAsync(own.Container, ChangeFeedStartFrom.ContinuationToken(continuation));
        await FailsAsync(own.Container, ChangeFeedStartFrom.Now());
        await FailsAsync(other, ChangeFeedStartFrom.Now());
        await own.Control.SplitAsync(own.Container, "4");
        await FailsAsync(own.Container, ChangeFeedStartFrom.Now());
        await own.Container.DeleteContainerAsync(cancellationToken: Cancellation);
        await FailsAsync(await Containers.CreateAsync(own.Client), ChangeFeedStartFrom.Now());
        Assert.Equal(0, await own.Control.StatAsync("failures"));

        async Task FailsAsync(Container container, ChangeFeedStartFrom start)
        {
            using var pages = container.GetChangeFeedIterator<ChangeFeedItem<UserItem>>(start, ChangeFeedMode.AllVersionsAndDeletes);
            var error = await Assert.ThrowsAsync<CosmosException>(() => pages.ReadNextAsync(Cancellation));
            Assert.Equal(HttpStatusCode.InternalServerError, error.StatusCode);
            Assert.Contains("Partition has more than two children which is not supported", error.Message);
            await container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning());
        }
    }

    [Fact]
    public async Task Merge_during_a_processor_run_loses_and_repeats_nothing()
    {
        await using var own = await StartAsync();
        Container leases = await own.Container.Database.CreateContainerAsync("leases", "/id", cancellationToken: Cancellation);
        var seen = new ConcurrentQueue<string>();
        var processor = own.Container
            .GetChangeFeedProcessorBuilder<UserItem>("merge", (IReadOnlyCollection<UserItem> changes, CancellationToken _) =>
            {
                foreach (var user in changes) seen.Enqueue($"{user.id} {user.name}");
                return Task.CompletedTask;
            })
            .WithInstanceName("only").WithLeaseContainer(leases)
            .WithPollInterval(TimeSpan.FromMilliseconds(50)).WithLeaseConfiguration(TimeSpan.FromMilliseconds(300)).Build();
        await processor.StartAsync();
        try
        {
            await Eventually.IsTrueAsync(
                async () =>
                {
                    await SaveAllAsync(own, "warm");
                    return Enumerable.Range(0, Users).All(number => seen.Contains($"u{number} warm"));
                },
                "the processor at work on all ranges");

            await own.Control.MergeAsync(own.Container, "1", "2");
            var expected = await SaveAllAsync(own, "after");

            await Eventually.IsTrueAsync(() => expected.All(seen.Contains), "the processor sees all changes after the merge");
        }
        finally
        {
            await processor.StopAsync();
        }

        Assert.Equal(Users, seen.Count(change => change.EndsWith("after", StringComparison.Ordinal)));
    }
}
