using System.Collections.Concurrent;
using System.Text.Json;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Feeds;

public sealed class ChangeFeedProcessorTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<UserItem> _seen = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Processor_delivers_changes_with_leases_kept_in_a_container_or_in_memory(bool inMemory)
    {
        var container = await Endpoint.NewContainerAsync();
        var builder = Builder(container, "deliver");
        var processor = (inMemory ? builder.WithInMemoryLeaseContainer() : builder.WithLeaseContainer(await LeasesAsync())).Build();

        await RunningAsync(processor, () => SeesWritesAsync(container, "first"));
    }

    [Fact]
    public async Task Restarted_processor_continues_from_its_leases()
    {
        var container = await Endpoint.NewContainerAsync();
        var leases = await LeasesAsync();
        ChangeFeedProcessor Build() => Builder(container, "again").WithLeaseContainer(leases).Build();
        await RunningAsync(Build(), () => SeesWritesAsync(container, "first"));
        await SaveAsync(container, UserItem.Number(50) with { name = "while stopped" });

        await RunningAsync(Build(), () => Eventually.IsTrueAsync(() => _seen.Any(user => user.name == "while stopped"), "the processor sees the change made while it was stopped"));
    }

    [Fact]
    public async Task Processor_of_two_hosts_shares_the_ranges_and_misses_nothing()
    {
        var container = await Endpoint.NewContainerAsync();
        var leases = await LeasesAsync();
        var byHost = new ConcurrentDictionary<string, int>();
        ChangeFeedProcessor Host(string name) => container
            .GetChangeFeedProcessorBuilder<UserItem>("shared", (IReadOnlyCollection<UserItem> changes, CancellationToken _) =>
            {
                byHost.AddOrUpdate(name, changes.Count, (_, before) => before + changes.Count);
                foreach (var user in changes) _seen.Enqueue(user);
                return Task.CompletedTask;
            })
            .WithInstanceName(name).WithLeaseContainer(leases).WithPollInterval(Poll)
            .WithLeaseConfiguration(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1))
            .Build();
        var number = 100;

        await RunningAsync(Host("A"), () => RunningAsync(Host("B"), () => Eventually.IsTrueAsync(
            async () =>
            {
                await UserAsync(container, number++);
                return byHost.Count == 2;
            },
            "both hosts at work")));

        Assert.True(byHost["A"] > 0 && byHost["B"] > 0);
    }

    [Fact]
    public async Task Estimator_reports_the_lag_of_a_processor()
    {
        var container = await Endpoint.NewContainerAsync();
        var leases = await LeasesAsync();
        await RunningAsync(Builder(container, "lagging").WithLeaseContainer(leases).Build(), () => SeesWritesAsync(container, "first"));
        for (var number = 0; number < 8; number++) await UserAsync(container, number);

        using var states = container.GetChangeFeedEstimator("lagging", leases).GetCurrentStateIterator();
        var lag = (await states.ReadNextAsync(Cancellation)).Sum(state => state.EstimatedLag);

        Assert.True(lag >= 8, $"The estimated lag is {lag}.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Processor_of_all_versions_delivers_deletions(bool inMemory)
    {
        var container = await Endpoint.NewContainerAsync();
        var deleted = new ConcurrentQueue<string>();
        var builder = container
            .GetChangeFeedProcessorBuilderWithAllVersionsAndDeletes<JsonElement>("deletions", (_, changes, _) =>
            {
                foreach (var change in changes.Where(change => change.Metadata.OperationType == ChangeFeedOperationType.Delete))
                    deleted.Enqueue(change.Metadata.Id);
                return Task.CompletedTask;
            })
            .WithInstanceName("only").WithPollInterval(Poll);
        var processor = (inMemory ? builder.WithInMemoryLeaseContainer() : builder.WithLeaseContainer(await LeasesAsync())).Build();

        await RunningAsync(processor, () => Eventually.IsTrueAsync(
            async () =>
            {
                await UserAsync(container, 1);
                await container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation);
                return deleted.Contains("u1");
            },
            "the deletion delivered"));
    }

    private static async Task RunningAsync(ChangeFeedProcessor processor, Func<Task> work)
    {
        await processor.StartAsync();
        try
        {
            await work();
        }
        finally
        {
            await processor.StopAsync();
        }
    }

    private ChangeFeedProcessorBuilder Builder(Container container, string name) => container
        .GetChangeFeedProcessorBuilder<UserItem>(name, (IReadOnlyCollection<UserItem> changes, CancellationToken _) =>
        {
            foreach (var user in changes) _seen.Enqueue(user);
            return Task.CompletedTask;
        })
        .WithInstanceName("only").WithPollInterval(Poll);

    // A processor without a start time begins at "now" after it has acquired its leases. Writes are therefore repeated until it sees them.
    private Task SeesWritesAsync(Container container, string name) => Eventually.IsTrueAsync(
        async () =>
        {
            for (var number = 0; number < 8; number++) await SaveAsync(container, UserItem.Number(number) with { name = name });
            return _seen.Where(user => user.name == name).Select(user => user.id).Distinct().Count() == 8;
        },
        $"the processor sees all eight writes of '{name}'");

    private async Task<Container> LeasesAsync() =>
        await Endpoint.Database.CreateContainerAsync($"leases{Guid.NewGuid():N}", "/id", cancellationToken: Cancellation);
}
