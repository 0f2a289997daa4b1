using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class PointReadTests(CosmosEndpoint endpoint)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadItem_returns_an_existing_document_with_its_position()
    {
        var container = await endpoint.NewContainerAsync();
        var created = await container.CreateItemAsync(UserItem.Number(1), new PartitionKey("u1"), cancellationToken: Cancellation);

        var read = await container.ReadItemAsync<UserItem>("u1", new PartitionKey("u1"), cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(UserItem.Number(1), read.Resource);
        Assert.Equal(created.ETag, read.ETag);
        Assert.True(long.Parse(read.Headers["lsn"]) >= long.Parse(read.Headers["x-ms-item-lsn"]));
        Assert.Contains("#", read.Headers.Session);
        Assert.True(read.RequestCharge > 0);
    }

    [Fact]
    public async Task ReadItem_of_a_nonexistent_document_returns_404_without_substatus()
    {
        var container = await endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.ReadItemAsync<UserItem>("nobody", new PartitionKey("nobody"), cancellationToken: Cancellation));

        Assert.Equal(HttpStatusCode.NotFound, error.StatusCode);
        Assert.Equal(0, error.SubStatusCode);
    }

    [Fact]
    public async Task ReadItem_under_another_partition_key_returns_404()
    {
        var container = await endpoint.NewContainerAsync();
        await container.CreateItemAsync(UserItem.Number(1), new PartitionKey("u1"), cancellationToken: Cancellation);

        using var read = await container.ReadItemStreamAsync("u1", new PartitionKey("u2"), cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task ReadItem_with_its_current_ETag_returns_304_without_body()
    {
        var container = await endpoint.NewContainerAsync();
        var created = await container.CreateItemAsync(UserItem.Number(1), new PartitionKey("u1"), cancellationToken: Cancellation);

        using var read = await container.ReadItemStreamAsync(
            "u1", new PartitionKey("u1"), new ItemRequestOptions { IfNoneMatchEtag = created.ETag }, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, read.StatusCode);
        Assert.Equal(created.ETag, read.Headers.ETag);
        Assert.True(read.Content is null or { Length: 0 });
    }

    [Fact]
    public async Task ReadItem_with_an_old_ETag_returns_the_new_version()
    {
        var container = await endpoint.NewContainerAsync();
        var created = await container.CreateItemAsync(UserItem.Number(1), new PartitionKey("u1"), cancellationToken: Cancellation);
        await container.UpsertItemAsync(UserItem.Number(1) with { name = "new" }, new PartitionKey("u1"), cancellationToken: Cancellation);

        using var read = await container.ReadItemStreamAsync(
            "u1", new PartitionKey("u1"), new ItemRequestOptions { IfNoneMatchEtag = created.ETag }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal("new", (await JsonDocument.ParseAsync(read.Content, cancellationToken: Cancellation)).RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public async Task ReadItem_carries_the_system_properties_and_no_LSN()
    {
        var container = await endpoint.NewContainerAsync();
        var created = await container.CreateItemAsync(UserItem.Number(1), new PartitionKey("u1"), cancellationToken: Cancellation);

        var item = (await container.ReadItemAsync<JsonElement>("u1", new PartitionKey("u1"), cancellationToken: Cancellation)).Resource;

        Assert.Equal(created.ETag, item.GetProperty("_etag").GetString());
        Assert.True(item.GetProperty("_ts").GetInt64() > 0);
        Assert.NotEmpty(item.GetProperty("_rid").GetString()!);
        Assert.False(item.TryGetProperty("_lsn", out _));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("100%")]
    [InlineData("a+b&c=d")]
    [InlineData("quote\"and'")]
    [InlineData("Zoë Ängström")]
    [InlineData("日本語")]
    [InlineData("😀")]
    [InlineData("dbs")]
    [InlineData(";,:@[]{}|^~`")]
    public async Task ReadItem_by_any_allowed_id_finds_it(string id)
    {
        var container = await endpoint.NewContainerAsync();
        await container.CreateItemAsync(new UserItem(id, id, "e", "n"), new PartitionKey(id), cancellationToken: Cancellation);

        var read = await container.ReadItemAsync<UserItem>(id, new PartitionKey(id), cancellationToken: Cancellation);

        Assert.Equal(id, read.Resource.id);
        Assert.Equal(id, read.Resource.userId);
    }
}
