using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class DocumentWriteTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    private static readonly UserItem User = UserItem.Number(1);

    [Fact]
    public async Task Create_new_returns_201_with_body_ETag_and_charge()
    {
        var container = await Endpoint.NewContainerAsync();

        var created = await container.CreateItemAsync(User, Key("u1"), cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(User, created.Resource);
        Assert.StartsWith("\"", created.ETag);
        Assert.True(created.RequestCharge >= 5);
        Assert.NotEmpty(created.Headers.Session);
    }

    [Fact]
    public async Task Create_existing_returns_409_and_changes_nothing()
    {
        var container = await ContainerOfUsersAsync(2);

        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.CreateItemAsync(User with { name = "other" }, Key("u1"), cancellationToken: Cancellation));

        Assert.Equal(HttpStatusCode.Conflict, error.StatusCode);
        Assert.Equal(User, (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation)).Resource);
    }

    [Fact]
    public async Task Create_same_id_under_another_key_creates_a_second_document()
    {
        var container = await ContainerOfUsersAsync(2);

        await container.CreateItemAsync(User with { userId = "elsewhere", name = "other" }, Key("elsewhere"), cancellationToken: Cancellation);

        Assert.Equal("User 1", (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation)).Resource.name);
        Assert.Equal("other", (await container.ReadItemAsync<UserItem>("u1", Key("elsewhere"), cancellationToken: Cancellation)).Resource.name);
    }

    [Fact]
    public async Task Create_under_a_key_that_differs_from_the_document_returns_400()
    {
        var container = await Endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(User, Key("other"), cancellationToken: Cancellation));

        Assert.Equal((HttpStatusCode.BadRequest, 1001), (error.StatusCode, error.SubStatusCode));
    }

    [Fact]
    public async Task Create_without_a_key_takes_it_from_the_document()
    {
        var container = await Endpoint.NewContainerAsync();

        await container.CreateItemAsync(User, cancellationToken: Cancellation);

        Assert.Equal(User, (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation)).Resource);
    }

    [Fact]
    public async Task Create_without_content_response_returns_201_without_body()
    {
        var container = await Endpoint.NewContainerAsync();

        var created = await container.CreateItemAsync(
            User, Key("u1"), new ItemRequestOptions { EnableContentResponseOnWrite = false }, Cancellation);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Null(created.Resource);
        Assert.NotEmpty(created.ETag);
    }

    [Fact]
    public async Task Create_stores_every_kind_of_value_unchanged()
    {
        var container = await Endpoint.NewContainerAsync();
        var json = """{"id":"u1","userId":"u1","n":1.50,"big":12345678901234567890,"list":[1,null,true,{"a":[]}],"text":"ä \u0001 \"q\" 😀","empty":{}}""";
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        using var created = await container.CreateItemStreamAsync(body, Key("u1"), cancellationToken: Cancellation);

        using var read = await container.ReadItemStreamAsync("u1", Key("u1"), cancellationToken: Cancellation);
        using var reader = new StreamReader(read.Content);
        var text = await reader.ReadToEndAsync(Cancellation);

        Assert.StartsWith(json[..^1], text);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(9, HttpStatusCode.Created)]
    public async Task Upsert_returns_200_for_an_existing_document_and_201_for_a_new_one(int number, HttpStatusCode expected)
    {
        var container = await ContainerOfUsersAsync(1);

        var upserted = await container.UpsertItemAsync(
            UserItem.Number(number) with { name = "set" }, Key($"u{number}"), cancellationToken: Cancellation);

        Assert.Equal(expected, upserted.StatusCode);
        Assert.Equal("set", upserted.Resource.name);
    }

    [Fact]
    public async Task Upsert_changes_the_ETag_and_the_LSN_and_keeps_the_RID()
    {
        var container = await Endpoint.NewContainerAsync();
        var before = await container.UpsertItemAsync(User, Key("u1"), cancellationToken: Cancellation);
        var rid = await RidAsync(container);

        var after = await container.UpsertItemAsync(User, Key("u1"), cancellationToken: Cancellation);

        Assert.NotEqual(before.ETag, after.ETag);
        Assert.True(long.Parse(after.Headers["lsn"]) > long.Parse(before.Headers["lsn"]));
        Assert.Equal(rid, await RidAsync(container));
    }

    [Fact]
    public async Task Replace_with_the_current_ETag_succeeds_and_with_an_old_one_returns_412()
    {
        var container = await Endpoint.NewContainerAsync();
        var created = await container.CreateItemAsync(User, Key("u1"), cancellationToken: Cancellation);
        var condition = new ItemRequestOptions { IfMatchEtag = created.ETag };

        var replaced = await container.ReplaceItemAsync(User with { name = "second" }, "u1", Key("u1"), condition, Cancellation);
        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.ReplaceItemAsync(User with { name = "third" }, "u1", Key("u1"), condition, Cancellation));

        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, error.StatusCode);
        Assert.Equal("second", (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation)).Resource.name);
    }

    [Theory]
    [InlineData("replace")]
    [InlineData("delete")]
    [InlineData("patch")]
    public async Task Write_to_a_nonexistent_document_returns_404(string operation)
    {
        var container = await Endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(() => operation switch
        {
            "replace" => container.ReplaceItemAsync(User, "u1", Key("u1"), cancellationToken: Cancellation),
            "delete" => container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation),
            _ => container.PatchItemAsync<UserItem>("u1", Key("u1"), [PatchOperation.Set("/name", "x")], cancellationToken: Cancellation),
        });

        Assert.Equal((HttpStatusCode.NotFound, 0), (error.StatusCode, error.SubStatusCode));
    }

    [Theory]
    [InlineData("upsert")]
    [InlineData("delete")]
    [InlineData("patch")]
    public async Task Write_with_an_old_ETag_returns_412(string operation)
    {
        var container = await ContainerOfUsersAsync(2);
        var old = new ItemRequestOptions { IfMatchEtag = "\"00000000-0000-0000-0000-000000000000\"" };

        var error = await Assert.ThrowsAsync<CosmosException>(() => operation switch
        {
            "upsert" => container.UpsertItemAsync(User, Key("u1"), old, Cancellation),
            "delete" => container.DeleteItemAsync<UserItem>("u1", Key("u1"), old, Cancellation),
            _ => container.PatchItemAsync<UserItem>(
                "u1", Key("u1"), [PatchOperation.Set("/name", "x")], new PatchItemRequestOptions { IfMatchEtag = old.IfMatchEtag }, Cancellation),
        });

        Assert.Equal(HttpStatusCode.PreconditionFailed, error.StatusCode);
    }

    [Fact]
    public async Task Delete_returns_204_and_removes_the_document()
    {
        var container = await ContainerOfUsersAsync(2);

        var deleted = await container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation);
        using var read = await container.ReadItemStreamAsync("u1", Key("u1"), cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Theory]
    [InlineData("""{"userId":"u1"}""")]
    [InlineData("""{"id":"","userId":"u1"}""")]
    [InlineData("""{"id":7,"userId":"u1"}""")]
    [InlineData("""{"id":"u1","userId":["u1"]}""")]
    [InlineData("""{"id":"u1","userId":"u1","ttl":0}""")]
    [InlineData("""{"id":"u1","userId":"u1","ttl":"soon"}""")]
    [InlineData("""["u1"]""")]
    [InlineData("""{"id":"u1",""")]
    [InlineData("")]
    public async Task Create_of_an_invalid_document_returns_400(string json)
    {
        var container = await Endpoint.NewContainerAsync(properties => properties.DefaultTimeToLive = -1);
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));

        using var created = await container.CreateItemStreamAsync(body, Key("u1"), cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, created.StatusCode);
    }

    [Fact]
    public async Task Create_of_more_than_2_MB_returns_413()
    {
        var container = await Endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.CreateItemAsync(User with { name = new string('x', 2 * 1024 * 1024) }, Key("u1"), cancellationToken: Cancellation));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, error.StatusCode);
    }

    [Fact]
    public async Task Batch_is_rejected_by_the_emulator()
    {
        _ = Endpoint.Emulator;
        var container = await Endpoint.NewContainerAsync();

        using var response = await container.CreateTransactionalBatch(Key("u1")).CreateItem(User).ExecuteAsync(Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static async Task<string> RidAsync(Container container)
    {
        var read = await container.ReadItemAsync<System.Text.Json.JsonElement>("u1", Key("u1"), cancellationToken: Cancellation);
        return read.Resource.GetProperty("_rid").GetString()!;
    }
}
