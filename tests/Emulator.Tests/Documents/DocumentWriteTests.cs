using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class DocumentWriteTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    private static readonly UserItem User = UserItem.Number(1);

    [Fact]
    public async Task Create_new_answers_201_with_body_ETag_and_charge()
    {
        var container = await Endpoint.NewContainerAsync();

        var created = await container.CreateItemAsync(User, Key("u1"), cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(User, created.Resource);
        Assert.StartsWith("\"", created.ETag);
        Assert.True(created.RequestCharge >= 5);
        Assert.NotEmpty(created.Headers.Session);
    }

    [Fact]
    public async Task Create_existing_answers_409_and_changes_nothing()
    {
        var container = await ContainerOfUsersAsync(2);

        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.CreateItemAsync(User with { name = "other" }, Key("u1"), cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.Conflict, error.StatusCode);
        Assert.Equal(User, (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancelled)).Resource);
    }

    [Fact]
    public async Task Create_same_id_under_another_key_makes_a_second_document()
    {
        var container = await ContainerOfUsersAsync(2);

        await container.CreateItemAsync(User with { userId = "elsewhere", name = "other" }, Key("elsewhere"), cancellationToken: Cancelled);

        Assert.Equal("User 1", (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancelled)).Resource.name);
        Assert.Equal("other", (await container.ReadItemAsync<UserItem>("u1", Key("elsewhere"), cancellationToken: Cancelled)).Resource.name);
    }

    [Fact]
    public async Task Create_under_a_key_that_the_document_does_not_carry_answers_400()
    {
        var container = await Endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(() => container.CreateItemAsync(User, Key("other"), cancellationToken: Cancelled));

        Assert.Equal((HttpStatusCode.BadRequest, 1001), (error.StatusCode, error.SubStatusCode));
    }

    [Fact]
    public async Task Create_without_a_key_takes_it_from_the_document()
    {
        var container = await Endpoint.NewContainerAsync();

        await container.CreateItemAsync(User, cancellationToken: Cancelled);

        Assert.Equal(User, (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancelled)).Resource);
    }

    [Fact]
    public async Task Create_without_content_response_answers_201_without_body()
    {
        var container = await Endpoint.NewContainerAsync();

        var created = await container.CreateItemAsync(
            User, Key("u1"), new ItemRequestOptions { EnableContentResponseOnWrite = false }, Cancelled);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Null(created.Resource);
        Assert.NotEmpty(created.ETag);
    }

    [Fact]
    public async Task Create_keeps_every_kind_of_value_as_it_came()
    {
        var container = await Endpoint.NewContainerAsync();
        var json = """{"id":"u1","userId":"u1","n":1.50,"big":12345678901234567890,"list":[1,null,true,{"a":[]}],"text":"ä \u0001 \"q\" 😀","empty":{}}""";
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        using var created = await container.CreateItemStreamAsync(body, Key("u1"), cancellationToken: Cancelled);

        using var read = await container.ReadItemStreamAsync("u1", Key("u1"), cancellationToken: Cancelled);
        using var reader = new StreamReader(read.Content);
        var text = await reader.ReadToEndAsync(Cancelled);

        Assert.StartsWith(json[..^1], text);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(9, HttpStatusCode.Created)]
    public async Task Upsert_answers_200_for_an_existing_document_and_201_for_a_new_one(int number, HttpStatusCode expected)
    {
        var container = await ContainerOfUsersAsync(1);

        var upserted = await container.UpsertItemAsync(
            UserItem.Number(number) with { name = "set" }, Key($"u{number}"), cancellationToken: Cancelled);

        Assert.Equal(expected, upserted.StatusCode);
        Assert.Equal("set", upserted.Resource.name);
    }

    [Fact]
    public async Task Upsert_changes_the_ETag_and_the_LSN_and_keeps_the_RID()
    {
        var container = await Endpoint.NewContainerAsync();
        var before = await container.UpsertItemAsync(User, Key("u1"), cancellationToken: Cancelled);
        var rid = await RidAsync(container);

        var after = await container.UpsertItemAsync(User, Key("u1"), cancellationToken: Cancelled);

        Assert.NotEqual(before.ETag, after.ETag);
        Assert.True(long.Parse(after.Headers["lsn"]) > long.Parse(before.Headers["lsn"]));
        Assert.Equal(rid, await RidAsync(container));
    }

    [Fact]
    public async Task Replace_with_the_current_ETag_succeeds_and_with_an_old_one_answers_412()
    {
        var container = await Endpoint.NewContainerAsync();
        var created = await container.CreateItemAsync(User, Key("u1"), cancellationToken: Cancelled);
        var condition = new ItemRequestOptions { IfMatchEtag = created.ETag };

        var replaced = await container.ReplaceItemAsync(User with { name = "second" }, "u1", Key("u1"), condition, Cancelled);
        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.ReplaceItemAsync(User with { name = "third" }, "u1", Key("u1"), condition, Cancelled));

        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, error.StatusCode);
        Assert.Equal("second", (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancelled)).Resource.name);
    }

    [Theory]
    [InlineData("replace")]
    [InlineData("delete")]
    [InlineData("patch")]
    public async Task Write_to_an_absent_document_answers_404(string operation)
    {
        var container = await Endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(() => operation switch
        {
            "replace" => container.ReplaceItemAsync(User, "u1", Key("u1"), cancellationToken: Cancelled),
            "delete" => container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancelled),
            _ => container.PatchItemAsync<UserItem>("u1", Key("u1"), [PatchOperation.Set("/name", "x")], cancellationToken: Cancelled),
        });

        Assert.Equal((HttpStatusCode.NotFound, 0), (error.StatusCode, error.SubStatusCode));
    }

    [Theory]
    [InlineData("upsert")]
    [InlineData("delete")]
    [InlineData("patch")]
    public async Task Write_with_an_old_ETag_answers_412(string operation)
    {
        var container = await ContainerOfUsersAsync(2);
        var old = new ItemRequestOptions { IfMatchEtag = "\"00000000-0000-0000-0000-000000000000\"" };

        var error = await Assert.ThrowsAsync<CosmosException>(() => operation switch
        {
            "upsert" => container.UpsertItemAsync(User, Key("u1"), old, Cancelled),
            "delete" => container.DeleteItemAsync<UserItem>("u1", Key("u1"), old, Cancelled),
            _ => container.PatchItemAsync<UserItem>(
                "u1", Key("u1"), [PatchOperation.Set("/name", "x")], new PatchItemRequestOptions { IfMatchEtag = old.IfMatchEtag }, Cancelled),
        });

        Assert.Equal(HttpStatusCode.PreconditionFailed, error.StatusCode);
    }

    [Fact]
    public async Task Delete_answers_204_and_the_document_is_gone()
    {
        var container = await ContainerOfUsersAsync(2);

        var deleted = await container.DeleteItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancelled);
        using var read = await container.ReadItemStreamAsync("u1", Key("u1"), cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Theory]
    [InlineData("""{"userId":"u1"}""")]
    [InlineData("""{"id":"","userId":"u1"}""")]
    [InlineData("""{"id":7,"userId":"u1"}""")]
    [InlineData("""{"id":"a/b","userId":"u1"}""")]
    [InlineData("""{"id":"u1","userId":["u1"]}""")]
    [InlineData("""{"id":"u1","userId":"u1","ttl":0}""")]
    [InlineData("""{"id":"u1","userId":"u1","ttl":"soon"}""")]
    [InlineData("""["u1"]""")]
    [InlineData("""{"id":"u1",""")]
    [InlineData("")]
    public async Task Create_of_what_is_no_document_answers_400(string json)
    {
        var container = await Endpoint.NewContainerAsync(properties => properties.DefaultTimeToLive = -1);
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));

        using var created = await container.CreateItemStreamAsync(body, Key("u1"), cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, created.StatusCode);
    }

    [Fact]
    public async Task Create_of_more_than_2_MB_answers_413()
    {
        var container = await Endpoint.NewContainerAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(
            () => container.CreateItemAsync(User with { name = new string('x', 2 * 1024 * 1024) }, Key("u1"), cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, error.StatusCode);
    }

    [Fact]
    public async Task Batch_is_refused_by_the_emulator()
    {
        _ = Endpoint.Emulator;
        var container = await Endpoint.NewContainerAsync();

        using var answer = await container.CreateTransactionalBatch(Key("u1")).CreateItem(User).ExecuteAsync(Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<string> RidAsync(Container container)
    {
        var read = await container.ReadItemAsync<System.Text.Json.JsonElement>("u1", Key("u1"), cancellationToken: Cancelled);
        return read.Resource.GetProperty("_rid").GetString()!;
    }
}
