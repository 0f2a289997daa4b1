using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Control;

public sealed class ControlEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stats_count_requests_by_operation()
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        await own.Container.UpsertItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        await own.Container.PatchItemAsync<UserItem>("u1", new("u1"), [PatchOperation.Set("/name", "n")], cancellationToken: Cancellation);
        using (await own.Container.ReadItemStreamAsync("u1", new("u1"), cancellationToken: Cancellation))
        using (await own.Container.ReadItemStreamAsync("absent", new("absent"), cancellationToken: Cancellation))
            await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation);
        await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());
        await FeedIterators.AllAsync(own.Container.GetItemQueryIterator<UserItem>("SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = new("u1") }));

        Assert.Equal(2, await own.Control.StatAsync("pointReads"));
        Assert.Equal(4, await own.Control.StatAsync("writes"));
        Assert.Equal((1, 1, 1, 1), (await own.Control.StatAsync("creates"), await own.Control.StatAsync("upserts"), await own.Control.StatAsync("patches"), await own.Control.StatAsync("deletes")));
        Assert.Equal(1, await own.Control.StatAsync("feedPolls"));
        Assert.Equal(1, await own.Control.StatAsync("queries"));
        Assert.Equal(0, await own.Control.StatAsync("failures"));
    }

    [Theory]
    [InlineData("GET", "nothing", null, HttpStatusCode.NotFound)]
    [InlineData("PUT", "stats", null, HttpStatusCode.NotFound)]
    [InlineData("POST", "splits", "{}", HttpStatusCode.BadRequest)]
    [InlineData("POST", "splits", """{"database":"none","container":"c","range":"0"}""", HttpStatusCode.NotFound)]
    [InlineData("POST", "splits", """{"database":"lookup","container":"{container}","range":"9"}""", HttpStatusCode.Gone)]
    [InlineData("POST", "merges", "{}", HttpStatusCode.BadRequest)]
    [InlineData("POST", "merges", """{"database":"lookup","container":"{container}"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "merges", """{"database":"lookup","container":"{container}","ranges":"0"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "merges", """{"database":"lookup","container":"{container}","ranges":["0",1]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "merges", """{"database":"lookup","container":"{container}","ranges":["0"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "merges", """{"database":"lookup","container":"{container}","ranges":["0","0"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "merges", """{"database":"lookup","container":"{container}","ranges":["0","9"]}""", HttpStatusCode.Gone)]
    [InlineData("PUT", "ttl-delay", "{}", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "ttl-delay", """{"delayMs":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "ttl-delay", """{"delayMs":86400001}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "ttl-delay", """{"delay":1}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "lag", """{"maxMs":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "lag", "{}", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "clock", "{}", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "clock", """{"aheadMs":86400001}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "account", """{"endpoint":"127.0.0.1:8081"}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "account", """{"multipleWriteLocations":1}""", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "account", """{"address":"http://127.0.0.1:8081/"}""", HttpStatusCode.BadRequest)]
    public async Task Invalid_control_request_returns_an_error_message(string method, string route, string? json, HttpStatusCode expected)
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, body) = await own.Control.TryAsync(new HttpMethod(method), route, json?.Replace("{container}", own.Container.Id));

        Assert.Equal(expected, status);
        Assert.Contains("message", body);
    }

    [Fact]
    public async Task Account_names_the_address_of_the_request_or_the_one_that_was_set()
    {
        await using var own = await OwnEmulator.StartAsync();

        Assert.Equal(own.Emulator.Endpoint.ToString(), await NamedAsync());
        await own.Control.SetAccountAsync("http://cosmos:8081/");
        Assert.Equal("http://cosmos:8081/", await NamedAsync());
        await own.Control.SetAccountAsync(null);
        Assert.Equal(own.Emulator.Endpoint.ToString(), await NamedAsync());

        async Task<string?> NamedAsync()
        {
            var (_, body, _) = await own.Raw.SendAsync("GET", "");
            var account = JsonDocument.Parse(body).RootElement;
            var read = account.GetProperty("readableLocations")[0].GetProperty("databaseAccountEndpoint").GetString();
            Assert.Equal(read, account.GetProperty("writableLocations")[0].GetProperty("databaseAccountEndpoint").GetString());
            return read;
        }
    }

    [Fact]
    public async Task Account_has_several_write_regions_if_that_was_set()
    {
        await using var own = await OwnEmulator.StartAsync();

        await own.Control.SetAccountAsync(null, multipleWriteLocations: true);
        Assert.True(await HasSeveralAsync());
        await own.Control.SetAccountAsync(null);
        Assert.False(await HasSeveralAsync());

        async Task<bool> HasSeveralAsync()
        {
            var (_, body, _) = await own.Raw.SendAsync("GET", "");
            return JsonDocument.Parse(body).RootElement.GetProperty("enableMultipleWriteLocations").GetBoolean();
        }
    }

    /// <summary>
    /// Tests requests from a page of another site in a browser on this machine. Such a page can post text, and its host name can resolve
    /// to this machine.
    /// </summary>
    [Theory]
    [InlineData("POST", "/_emulator/faults", "127.0.0.1", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/_emulator/faults", "127.0.0.1", "null", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/_emulator/faults", "evil.example:8081", null, HttpStatusCode.Forbidden)]
    [InlineData("DELETE", "/_emulator/faults", "evil.example:8081", "http://evil.example:8081", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/_emulator/stats", "evil.example:8081", null, HttpStatusCode.Forbidden)]
    [InlineData("GET", "/_emulator/stats", "localhost:8081", "http://localhost:7071", HttpStatusCode.OK)]
    [InlineData("GET", "/_emulator/stats", "[::1]", null, HttpStatusCode.OK)]
    public async Task Control_request_from_a_page_of_another_site_is_rejected(string method, string path, string host, string? origin, HttpStatusCode expected)
    {
        await using var own = await OwnEmulator.StartAsync();
        using var http = new HttpClient { BaseAddress = own.Emulator.Endpoint };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("""{"operation":"pointRead","status":429,"count":1}""");
        request.Headers.Host = host;
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);

        using var response = await http.SendAsync(request, Cancellation);

        Assert.Equal(expected, response.StatusCode);
    }
}
