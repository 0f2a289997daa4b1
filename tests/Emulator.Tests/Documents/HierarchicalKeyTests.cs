using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

/// <summary>Containers with a hierarchical partition key, of which only the definition is emulated.</summary>
public sealed class HierarchicalKeyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Definition_is_stored_and_documents_are_rejected()
    {
        await using var own = await OwnEmulator.StartAsync();
        Container container = await own.Container.Database.CreateContainerAsync(
            new ContainerProperties("tenants", (IReadOnlyList<string>)["/tenant", "/user"]), cancellationToken: Cancellation);

        var properties = (await container.ReadContainerAsync(cancellationToken: Cancellation)).Resource;
        var error = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(
            new { id = "u1", tenant = "t", user = "u" }, new PartitionKeyBuilder().Add("t").Add("u").Build(), cancellationToken: Cancellation));

        Assert.Equal(["/tenant", "/user"], properties.PartitionKeyPaths);
        Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
        Assert.Contains("hierarchical", error.ResponseBody);
    }

    [Theory]
    [InlineData("""{"paths":["/a","/b"],"kind":"Hash"}""")]
    [InlineData("""{"paths":["/a","/b","/c","/d"],"kind":"MultiHash"}""")]
    [InlineData("""{"paths":[],"kind":"MultiHash"}""")]
    [InlineData("""{"paths":["/a","b"],"kind":"MultiHash"}""")]
    public async Task Definition_that_Cosmos_DB_rejects_returns_400(string partitionKey)
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, _, _) = await own.Raw.SendAsync("POST", $"dbs/{own.Container.Database.Id}/colls", $$"""{"id":"tenants","partitionKey":{{partitionKey}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }
}
