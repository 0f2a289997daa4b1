using System.Net;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Users;

public sealed class LookupUsersTests(SharedService shared)
{
    [Fact]
    public async Task LookupUsers_returns_users_in_request_order_and_lists_the_missing()
    {
        var (one, two, unknown) = (SharedService.NewId(), SharedService.NewId(), SharedService.NewId());
        await shared.Store.PutUserAsync(one);
        await shared.Store.PutUserAsync(two);

        var response = await PostAsync(new { ids = new[] { two, unknown, one, two } });

        Assert.Equal([two, one], IdsOf(response));
        Assert.Equal([unknown], response.Json.GetProperty("missing").EnumerateArray().Select(id => id.GetString()));
        Assert.StartsWith("lookup; fwd=miss", response.CacheStatus);
    }

    [Fact]
    public async Task LookupUsers_of_cached_users_sends_no_store_request_and_is_a_hit()
    {
        await using var store = await Store.StartAsync();
        for (var i = 0; i < 5; i++)
            await store.PutUserAsync($"u{i}");
        await using var service = await Service.StartAsync(store, null, ("Lookup__PollInterval", "01:00:00"));
        var ids = Enumerable.Range(0, 6).Select(i => $"u{i}").ToArray();
        await PostAsync(new { ids }, service);
        var before = await store.CountAsync("requests");

        var again = await PostAsync(new { ids }, service);
        var single = await service.GetAsync("/api/users/u3");

        Assert.StartsWith("lookup; hit", again.CacheStatus);
        Assert.StartsWith("lookup; hit", single.CacheStatus);
        Assert.Equal(before, await store.CountAsync("requests"));
    }

    [Fact]
    public async Task LookupUsers_accepts_a_thousand_ids_of_full_length()
    {
        var ids = Enumerable.Range(0, 1000).Select(i => $"{i:D4}".PadRight(240, 'x')).ToArray();

        var response = await PostAsync(new { ids });

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.Equal(1000, response.Json.GetProperty("missing").GetArrayLength());
    }

    [Fact]
    public async Task LookupUsers_of_more_than_the_server_buffers_returns_every_byte()
    {
        var ids = Enumerable.Range(0, 30).Select(_ => SharedService.NewId()).ToArray();
        foreach (var id in ids)
            await shared.Store.PutAsync(UserOf(id), id);

        var response = await PostAsync(new { ids = ids.Append("nobody") });

        Assert.Equal(
            ids.Select(UserOf),
            response.Json.GetProperty("users").EnumerateArray().Select(user => UserWith(user.GetProperty("id").GetString()!, user.GetProperty("about").GetString())));
        Assert.EndsWith("""],"missing":["nobody"]}""", response.Text);

        static string UserOf(string id) => UserWith(id, new string(id[^1], 10_000));
        static string UserWith(string id, string? about) => JsonSerializer.Serialize(new { id, about });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"ids":[]}""")]
    [InlineData("""{"ids":"a"}""")]
    [InlineData("""{"ids":[1]}""")]
    [InlineData("""{"ids":[null]}""")]
    [InlineData("""{"ids":[["a"]]}""")]
    [InlineData("""{"ids":["a"],"ids":["b"]}""")]
    [InlineData("""{"ids":["\ud800"]}""")]
    [InlineData("""{"ids":["a"]""")]
    [InlineData("""{"ids":[{"pk":"a"}]}""")]
    [InlineData("""{"ids":[{"id":"a","x":"y"}]}""")]
    [InlineData("""{"ids":["a"],"pk":"A"}""")]
    [InlineData("""{"pk":"A","ids":["a"]}""")]
    [InlineData("""{"ids":["a"],"Ids":["b"]}""")]
    [InlineData("""{"ids":["a"],"\ud800":1}""")]
    public async Task LookupUsers_with_an_invalid_body_reports_the_expected_form(string body)
    {
        var response = await PostTextAsync(body);

        response.ShouldBeProblem(400, "bad-request");
        Assert.NotEmpty(response.Json.GetProperty("detail").GetString()!);
    }

    [Theory]
    [InlineData("""{"ids":["a\u0007b"]}""", "invalid-id")]
    [InlineData("""{"ids":["a\u0000b"]}""", "invalid-id")]
    [InlineData("""{"ids":[{"id":"a","pk":"b"}]}""", "invalid-partition-key")]
    public async Task LookupUsers_with_an_invalid_key_reports_the_rule(string body, string type)
    {
        (await PostTextAsync(body)).ShouldBeProblem(400, type);
    }

    [Fact]
    public async Task LookupUsers_of_more_than_a_thousand_is_rejected()
    {
        var response = await PostAsync(new { ids = Enumerable.Range(0, 1001).Select(i => $"{i}").ToArray() });

        response.ShouldBeProblem(400, "bad-request");
        Assert.Contains("1001", response.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Users_of_a_container_not_partitioned_by_id_are_named_by_id_and_partition_key()
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"ada","tenant":"a","email":"x@example.com"}""", "a");
        await store.PutAsync("""{"id":"ada","tenant":"b/c","email":"x@example.com"}""", "b/c");
        await using var service = await Service.StartAsync(store, null, ("Lookup__PartitionKeyPath", "/tenant"));

        Assert.Equal("a", (await service.GetAsync("/api/users/ada?pk=a")).Json.GetProperty("tenant").GetString());
        Assert.Equal("b/c", (await service.GetAsync("/api/users/ada?pk=b%2Fc")).Json.GetProperty("tenant").GetString());
        (await service.GetAsync("/api/users/ada?pk=none")).ShouldBeProblem(404, "user-not-found");
        (await service.GetAsync("/api/users/ada")).ShouldBeProblem(400, "invalid-partition-key");
        (await service.GetAsync("/api/users/ada?pk=a&pk=b")).ShouldBeProblem(400, "invalid-partition-key");
        (await shared.Service.GetAsync("/api/users/ada?pk=a")).ShouldBeProblem(400, "invalid-partition-key");
        Assert.Equal(2, (await service.GetAsync("/api/users?email=x%40example.com")).Json.GetProperty("users").GetArrayLength());

        object[] ids = [new { id = "ada", pk = "b/c" }, new { id = "no", pk = "a" }, new { id = "ada", pk = "a" }];
        var many = await PostAsync(new { ids }, service);
        Assert.Equal(["b/c", "a"], many.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("tenant").GetString()));
        Assert.Equal("""[{"id":"no","pk":"a"}]""", many.Json.GetProperty("missing").GetRawText());
        (await PostAsync(new { ids = new[] { "ada" } }, service)).ShouldBeProblem(400, "invalid-partition-key");
    }

    private Task<TestResponse> PostAsync(object body, Service? service = null) => PostTextAsync(JsonSerializer.Serialize(body), service);

    private Task<TestResponse> PostTextAsync(string body, Service? service = null) =>
        (service ?? shared.Service).SendAsync(
            HttpMethod.Post, "/api/users/lookup", new StringContent(body, Encoding.UTF8, "application/json"));

    private static string?[] IdsOf(TestResponse response) =>
        [.. response.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString())];
}
