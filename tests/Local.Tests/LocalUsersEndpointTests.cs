using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Lookup.Local.Writes;

namespace Lookup.Local.Tests;

public sealed class LocalUsersEndpointTests(StoreFixture store)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_merges_into_the_stored_user_and_increments_the_version()
    {
        var before = (await store.ReadAsync("u1"))!;

        using var response = await PutAsync("u1", """{"displayName":"New","phone":null,"address":{"city":"Elsewhere"}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var receipt = await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.Equal("""{"id":"u1","version":2}""", receipt!.ToJsonString());
        var after = (await store.ReadAsync("u1"))!;
        Assert.Equal($"W/{after["_etag"]!.GetValue<string>()}", response.Headers.ETag!.ToString());
        Assert.Equal("New", after["displayName"]!.GetValue<string>());
        Assert.False(after.ContainsKey("phone"));
        Assert.Equal("Elsewhere", after["address"]!["city"]!.GetValue<string>());
        Assert.Equal(before["address"]!["street"]!.GetValue<string>(), after["address"]!["street"]!.GetValue<string>());
        Assert.Equal(before["passwordHash"]!.GetValue<string>(), after["passwordHash"]!.GetValue<string>());
        Assert.Equal(2, after["version"]!.GetValue<int>());
    }

    [Fact]
    public async Task Put_of_a_nonexistent_user_creates_it_without_the_nulls_of_the_patch()
    {
        using var response = await PutAsync("absent 1", """{"displayName":"First","address":{"city":null},"version":77}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var stored = (await store.ReadAsync("absent 1"))!;
        Assert.Equal("First", stored["displayName"]!.GetValue<string>());
        Assert.Empty(stored["address"]!.AsObject());
        Assert.Equal(1, stored["version"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Put_accepts_any_content_type(string? type)
    {
        using var response = await PutAsync("u2", """{"displayName":"New"}""", type);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Concurrent_puts_are_all_applied()
    {
        const int Writers = 20;

        var responses = await Task.WhenAll(Enumerable.Range(1, Writers).Select(writer => PutAsync("u3", $$"""{"writer{{writer}}":true}""")));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        var stored = (await store.ReadAsync("u3"))!;
        Assert.Equal(1 + Writers, stored["version"]!.GetValue<int>());
        Assert.All(Enumerable.Range(1, Writers), writer => Assert.True(stored.ContainsKey($"writer{writer}")));
    }

    [Fact]
    public async Task Concurrent_puts_of_a_nonexistent_user_create_it_once()
    {
        const int Writers = 20;

        var responses = await Task.WhenAll(Enumerable.Range(1, Writers).Select(_ => PutAsync("absent 2", "{}")));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created);
        Assert.Equal(Writers, (await store.ReadAsync("absent 2"))!["version"]!.GetValue<int>());
    }

    [Fact]
    public async Task Put_of_a_body_that_is_not_a_json_object_is_rejected_and_changes_nothing()
    {
        using var response = await PutAsync("u4", "displayName=New");

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, "The body must be one JSON object");
        Assert.Equal(1, (await store.ReadAsync("u4"))!["version"]!.GetValue<int>());
    }

    [Fact]
    public async Task Put_accepts_a_body_up_to_the_limit_and_rejects_one_byte_more()
    {
        using var longest = await PutAsync("u5", BodyOf(LocalUsersEndpoint.LongestBody));
        using var longer = await PutAsync("u6", BodyOf(LocalUsersEndpoint.LongestBody + 1));

        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        await AssertProblemAsync(longer, HttpStatusCode.RequestEntityTooLarge, "longer than 65536 bytes");
        Assert.Equal(1, (await store.ReadAsync("u6"))!["version"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("u%2F1")]
    [InlineData("u%2f1")]
    [InlineData("u%231")]
    [InlineData("u%3F1")]
    [InlineData("u%5C1")]
    [InlineData("u%0A1")]
    public async Task Put_and_delete_of_an_invalid_id_report_the_rule(string id)
    {
        using var put = await PutAsync(id, "{}");
        using var delete = await store.Client.DeleteAsync(new Uri($"/local/users/{id}", UriKind.Relative), Cancellation);

        await AssertProblemAsync(put, HttpStatusCode.BadRequest, "A user id");
        await AssertProblemAsync(delete, HttpStatusCode.BadRequest, "A user id");
    }

    [Fact]
    public async Task Put_of_an_encoded_body_is_rejected_with_the_accepted_coding()
    {
        using var content = new ByteArrayContent([0x1f, 0x8b]);
        content.Headers.ContentEncoding.Add("gzip");

        using var response = await store.Client.PutAsync(new Uri("/local/users/u8", UriKind.Relative), content, Cancellation);

        await AssertProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "no content coding");
        Assert.Equal("identity", Assert.Single(response.Headers.GetValues("Accept-Encoding")));
    }

    [Fact]
    public async Task Delete_removes_the_user_and_reports_a_nonexistent_one()
    {
        using var first = await store.Client.DeleteAsync(new Uri("/local/users/u7", UriKind.Relative), Cancellation);
        using var second = await store.Client.DeleteAsync(new Uri("/local/users/u7", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        Assert.Null(await store.ReadAsync("u7"));
        await AssertProblemAsync(second, HttpStatusCode.NotFound, "There is no user \"u7\"");
    }

    private Task<HttpResponseMessage> PutAsync(string id, string body, string? type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
            content.Headers.ContentType = new(type);
        return store.Client.PutAsync(new Uri($"/local/users/{id}", UriKind.Relative), content, Cancellation);
    }

    private static string BodyOf(int length)
    {
        const string Empty = """{"about":""}""";
        return Empty.Insert(Empty.Length - 2, new string('x', length - Empty.Length));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string sentence)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.StartsWith("urn:lookup:problem:", problem!["type"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(sentence, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
