using System.Collections.Concurrent;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Feeds;

public sealed class SplitTests(CosmosEndpoint endpoint) : ContractTests(endpoint), IDisposable
{
    private readonly ControlClient _control = new(endpoint.Emulator);

    [Fact]
    public async Task Split_adds_one_range_and_reads_continue()
    {
        var container = await ContainerOfUsersAsync(20);
        var before = (await container.GetFeedRangesAsync(Cancellation)).Count;

        await _control.SplitAsync(container, "0");

        for (var number = 0; number < 20; number++)
            Assert.Equal($"u{number}", (await container.ReadItemAsync<UserItem>($"u{number}", Key($"u{number}"), cancellationToken: Cancellation)).Resource.id);
        using var fresh = Clients.Connect(Endpoint.ConnectionString);
        Assert.Equal(before + 1, (await fresh.GetContainer(container.Database.Id, container.Id).GetFeedRangesAsync(Cancellation)).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Split_between_pulls_leaves_each_change_delivered_once(bool allVersions)
    {
        var container = await ContainerOfUsersAsync(30);
        var continuation = await ContinueAsync(container, null, allVersions, []);
        var delivered = new List<string>();
        var expected = 0;

        foreach (var range in (string[])["0", "1", "4", "2"])
        {
            for (var number = 0; number < 30; number += 2, expected++) await UserAsync(container, number);
            await _control.SplitAsync(container, range);
            for (var number = 1; number < 30; number += 2, expected++) await UserAsync(container, number);
            continuation = await ContinueAsync(container, continuation, allVersions, delivered);
        }

        Assert.Equal(expected, delivered.Count);
        Assert.All(delivered.GroupBy(id => id), user => Assert.Equal(4, user.Count()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Split_during_a_processor_run_loses_and_repeats_nothing(bool allVersions)
    {
        var container = await ContainerOfUsersAsync(0);
        Container leases = await Endpoint.Database.CreateContainerAsync($"leases{Guid.NewGuid():N}", "/id", cancellationToken: Cancellation);
        var seen = new ConcurrentQueue<string>();
        var processor = Builder(container, allVersions, seen).WithInstanceName("only").WithLeaseContainer(leases)
            .WithPollInterval(TimeSpan.FromMilliseconds(50)).WithLeaseConfiguration(TimeSpan.FromMilliseconds(300)).Build();
        await processor.StartAsync();
        try
        {
            await Eventually.IsTrueAsync(
                async () =>
                {
                    for (var number = 0; number < 12; number++) await SaveAsync(container, UserItem.Number(number) with { name = "warm" });
                    return Enumerable.Range(0, 12).All(number => seen.Contains($"u{number} warm"));
                },
                "the processor at work on all ranges");

            for (var number = 0; number < 40; number++) await SaveAsync(container, UserItem.Number(number) with { name = "before" });
            await _control.SplitAsync(container, "1");
            for (var number = 0; number < 40; number++) await SaveAsync(container, UserItem.Number(number) with { name = "after" });

            await Eventually.IsTrueAsync(() => seen.Count(change => change.EndsWith("after", StringComparison.Ordinal)) >= 40, "the processor sees all changes after the split");
        }
        finally
        {
            await processor.StopAsync();
        }

        Assert.Equal(40, seen.Count(change => change.EndsWith("after", StringComparison.Ordinal)));
        if (allVersions) Assert.Equal(40, seen.Count(change => change.EndsWith("before", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Split_during_queries_keeps_their_results_complete()
    {
        var container = await ContainerOfUsersAsync(30);
        using var query = container.GetItemQueryIterator<UserItem>("SELECT * FROM c ORDER BY c.email", requestOptions: new QueryRequestOptions { MaxItemCount = 5 });
        var found = (await query.ReadNextAsync(Cancellation)).ToList();

        await _control.SplitAsync(container, "2");
        found.AddRange(await FeedIterators.AllAsync(query));

        Assert.Equal(30, found.Count);
        Assert.Equal(found.Select(user => user.email).Order(StringComparer.Ordinal), found.Select(user => user.email));
    }

    public void Dispose() => _control.Dispose();

    private static ChangeFeedProcessorBuilder Builder(Container container, bool allVersions, ConcurrentQueue<string> seen)
    {
        if (!allVersions)
        {
            return container.GetChangeFeedProcessorBuilder<UserItem>("split", (IReadOnlyCollection<UserItem> changes, CancellationToken _) =>
            {
                foreach (var user in changes) seen.Enqueue($"{user.id} {user.name}");
                return Task.CompletedTask;
            });
        }

        return container.GetChangeFeedProcessorBuilderWithAllVersionsAndDeletes<UserItem>("split", (_, changes, _) =>
        {
            foreach (var change in changes) seen.Enqueue($"{change.Current.id} {change.Current.name}");
            return Task.CompletedTask;
        });
    }

    private static async Task<string> ContinueAsync(Container container, string? continuation, bool allVersions, List<string> delivered)
    {
        var start = continuation is null ? ChangeFeedStartFrom.Now() : ChangeFeedStartFrom.ContinuationToken(continuation);
        if (!allVersions)
        {
            var (users, next) = await container.DrainAsync<UserItem>(start);
            delivered.AddRange(users.Select(user => user.id));
            return next;
        }

        var (changes, nextOfAll) = await container.DrainAsync<ChangeFeedItem<UserItem>>(start, ChangeFeedMode.AllVersionsAndDeletes);
        delivered.AddRange(changes.Select(change => change.Current.id));
        return nextOfAll;
    }
}
