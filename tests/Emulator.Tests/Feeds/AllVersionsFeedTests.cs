using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Feeds;

public sealed class AllVersionsFeedTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    private static readonly ChangeFeedMode Mode = ChangeFeedMode.AllVersionsAndDeletes;

    [Fact]
    public async Task Pull_returns_every_version_and_the_deletion()
    {
        var container = await Endpoint.NewContainerAsync();
        var (_, continuation) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), Mode);
        await container.CreateItemAsync(UserItem.Number(1), Key("u1"), cancellationToken: Cancellation);
        await SaveAsync(container, UserItem.Number(1) with { name = "second" });
        await container.ReplaceItemAsync(UserItem.Number(1) with { name = "third" }, "u1", Key("u1"), cancellationToken: Cancellation);
        await container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation);

        var (changes, _) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.ContinuationToken(continuation), Mode);

        Assert.Equal(
            [ChangeFeedOperationType.Create, ChangeFeedOperationType.Replace, ChangeFeedOperationType.Replace, ChangeFeedOperationType.Delete],
            changes.Select(change => change.Metadata.OperationType));
        Assert.Equal(["User 1", "second", "third"], changes.Take(3).Select(change => change.Current.name));
        Assert.Equal(changes.Select(change => change.Metadata.Lsn).Order(), changes.Select(change => change.Metadata.Lsn));
        Assert.All(changes, change => Assert.Null(change.Previous));
        Assert.Equal(changes[2].Metadata.Lsn, changes[3].Metadata.PreviousLsn);
    }

    [Fact]
    public async Task Pull_of_a_deletion_names_the_document_by_id_and_partition_key()
    {
        var container = await Endpoint.NewContainerAsync();
        await UserAsync(container, 1);
        var (_, continuation) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), Mode);
        await container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation);

        var (changes, _) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.ContinuationToken(continuation), Mode);

        var deletion = Assert.Single(changes).Metadata;
        Assert.Equal("u1", deletion.Id);
        Assert.Equal("u1", deletion.PartitionKey["userId"].ToString());
        Assert.False(deletion.IsTimeToLiveExpired);
    }

    [Fact]
    public async Task Pull_returns_documents_created_and_deleted_between_polls()
    {
        var container = await Endpoint.NewContainerAsync();
        var (_, continuation) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), Mode);
        for (var number = 0; number < 10; number++)
        {
            await UserAsync(container, number);
            await container.DeleteItemAsync<UserItem>($"u{number}", Key($"u{number}"), cancellationToken: Cancellation);
        }

        var (changes, _) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.ContinuationToken(continuation), Mode);

        Assert.Equal(20, changes.Count);
        Assert.Equal(10, changes.Count(change => change.Metadata.OperationType == ChangeFeedOperationType.Delete));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_from_the_past_returns_400(bool fromTime)
    {
        var container = await Endpoint.NewContainerAsync();
        var start = fromTime ? ChangeFeedStartFrom.Time(TimeProvider.System.GetUtcNow().UtcDateTime) : ChangeFeedStartFrom.Beginning();
        using var iterator = container.GetChangeFeedIterator<ChangeFeedItem<UserItem>>(start, Mode);

        var error = await Assert.ThrowsAsync<CosmosException>(() => iterator.ReadNextAsync(Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
    }

    [Fact]
    public async Task Pull_returns_previous_images_if_they_are_requested()
    {
        await using var emulator = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { IncludePreviousImages = true }, Cancellation);
        using var client = Clients.Connect(emulator.ConnectionString);
        var container = await Containers.CreateAsync(client);
        await UserAsync(container, 1);
        var (_, continuation) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), Mode);
        await container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation);

        var (changes, _) = await container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.ContinuationToken(continuation), Mode);

        Assert.Equal("User 1", Assert.Single(changes).Previous.name);
    }

}
