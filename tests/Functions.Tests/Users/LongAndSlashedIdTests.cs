using System.Net;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Users;

/// <summary>
/// Ids that Cosmos DB stores although they are longer than the 255 characters that older documentation allows, or contain characters that it
/// excludes.
/// </summary>
public sealed class LongAndSlashedIdTests(SharedService shared)
{
    private static int _last;

    // The limit counts bytes: the ids of these have 1,023 bytes, and down to a third as many code units.
    public static TheoryData<string> LongTexts => ["x", "é", "日", "😀"];

    public static TheoryData<string> Delimiters => ["/", "\\", "?", "#", "//", "/../", "%2F/", " /"];

    [Theory]
    [MemberData(nameof(LongTexts))]
    public async Task Id_of_1023_bytes_is_found_by_every_lookup_and_evicted_by_the_feed(string text)
    {
        var id = IdOf(text, 1023);
        await shared.Store.PutUserAsync(id, version: 1, email: $"{SharedService.NewId()}@example.com");
        await shared.Service.CatchUpAsync();

        Assert.Equal(id, IdIn((await GetAsync(id)).Json));
        Assert.Equal(id, Assert.Single(IdsIn(await PostAsync(id))));
        Assert.Contains("; hit", (await GetAsync(id)).CacheStatus);

        var email = $"{SharedService.NewId()}@example.com";
        await shared.Store.PutUserAsync(id, version: 2, email: email);
        await shared.Service.CatchUpAsync();

        Assert.Equal(id, Assert.Single(IdsIn(await shared.Service.GetAsync($"/api/users?email={email}"))));
        Assert.Equal(2, (await GetAsync(id)).Json.GetProperty("version").GetInt32());
        var eviction = await shared.Service.SendAsync(HttpMethod.Delete, $"/api/cache/users/{Uri.EscapeDataString(id)}", null);
        Assert.Equal(HttpStatusCode.OK, eviction.Status);
        Assert.Contains("fwd=miss", (await GetAsync(id)).CacheStatus);
    }

    [Theory]
    [MemberData(nameof(LongTexts))]
    public async Task Id_of_1024_bytes_is_rejected_with_the_limit(string text)
    {
        var id = IdOf(text, 1024);

        foreach (var response in new[] { await GetAsync(id), await PostAsync(id) })
        {
            response.ShouldBeProblem(400, "invalid-id");
            Assert.Contains("1023 bytes", response.Json.GetProperty("detail").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Delimiters))]
    public async Task Id_with_a_delimiter_is_found_by_a_batch_and_a_find_and_evicted_by_the_feed(string delimiter)
    {
        var (before, after) = (SharedService.NewId(), SharedService.NewId());
        var (id, email) = (before + delimiter + after, $"{before}@example.com");
        await shared.Store.PutUserAsync(before, version: 0, email: "another"); // the user that an address would name
        await shared.Store.PutUserAsync(id, version: 1, email: email);
        await shared.Service.CatchUpAsync();

        Assert.Equal(id, Assert.Single(IdsIn(await PostAsync(id))));
        Assert.Contains("; hit", (await PostAsync(id)).CacheStatus);
        Assert.Equal([id, before], IdsIn(await PostAsync(id, before)));
        Assert.Equal(id, Assert.Single(IdsIn(await shared.Service.GetAsync($"/api/users?email={email}"))));

        await shared.Store.PutUserAsync(id, version: 2, email: email);
        await shared.Service.CatchUpAsync();

        var changed = Assert.Single((await PostAsync(id)).Json.GetProperty("users").EnumerateArray());
        Assert.Equal((id, 2), (IdIn(changed), changed.GetProperty("version").GetInt32()));
    }

    [Theory]
    [MemberData(nameof(Delimiters))]
    public async Task Id_with_a_delimiter_in_a_path_is_rejected_with_the_alternative(string delimiter)
    {
        foreach (var (method, path) in new[] { ("GET", "users"), ("DELETE", "cache/users") })
        {
            var response = await RawHttp.SendAsync(shared.Service.Address, $"{method} /api/{path}/{Uri.EscapeDataString($"a{delimiter}b")} HTTP/1.1");

            response.ShouldBeProblem(400, "invalid-id");
            Assert.Contains("POST /api/users/lookup", response.Json.GetProperty("detail").GetString());
        }
    }

    /// <summary>In a container that is not partitioned by id, a slash is part of the id or of the partition key, and never the boundary.</summary>
    [Fact]
    public async Task Ids_and_partition_keys_that_are_equal_when_joined_by_a_slash_are_different_users()
    {
        await using var store = await Store.StartAsync("/tenant");
        (string Id, string Tenant)[] keys = [("a", "b/c"), ("a/b", "c"), ("a/b/c", "a/b/c"), ("/email", "x"), ("a", "/b/c"), ("a/", "b/c")];
        foreach (var (id, tenant) in keys)
            await store.PutAsync(JsonSerializer.Serialize(new { id, tenant, email = "x" }), tenant);
        await using var service = await Service.StartAsync(store, null, ("Lookup__PartitionKeyPath", "/tenant"));

        for (var round = 0; round < 2; round++)
        {
            foreach (var (id, tenant) in keys)
            {
                var response = await PostBodyAsync(service, new { ids = new[] { new { id, pk = tenant } } });
                var user = Assert.Single(response.Json.GetProperty("users").EnumerateArray());
                Assert.Equal((id, tenant), (IdIn(user), user.GetProperty("tenant").GetString()));
            }

            Assert.Equal(keys.Length, (await service.GetAsync("/api/users?email=x")).Json.GetProperty("users").GetArrayLength());
        }
    }

    /// <summary>The longest id and partition key, each byte of which is encoded, fit in a request line.</summary>
    [Fact]
    public async Task Longest_id_with_the_longest_partition_key_is_found()
    {
        var (id, tenant) = (string.Concat(Enumerable.Repeat("日", 341)), new string('é', 1024));
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync(JsonSerializer.Serialize(new { id, tenant }), tenant);
        await using var service = await Service.StartAsync(store, null, ("Lookup__PartitionKeyPath", "/tenant"));

        var response = await service.GetAsync($"/api/users/{Uri.EscapeDataString(id)}?pk={Uri.EscapeDataString(tenant)}");

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.Equal(id, IdIn(response.Json));
    }

    /// <summary>Returns a new id of the given number of bytes that consists of a text and some digits.</summary>
    private static string IdOf(string text, int bytes)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        var digits = $"{Interlocked.Increment(ref _last)}".PadLeft(9, '0');
        return digits + string.Concat(Enumerable.Repeat(text, (bytes - digits.Length) / size)) + new string('y', (bytes - digits.Length) % size);
    }

    private Task<TestResponse> GetAsync(string id) => shared.Service.GetAsync($"/api/users/{Uri.EscapeDataString(id)}");

    private Task<TestResponse> PostAsync(params string[] ids) => PostBodyAsync(shared.Service, new { ids });

    private static Task<TestResponse> PostBodyAsync(Service service, object body) => service.SendAsync(
        HttpMethod.Post, "/api/users/lookup", new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));

    private static string? IdIn(JsonElement user) => user.GetProperty("id").GetString();

    private static string?[] IdsIn(TestResponse response)
    {
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return [.. response.Json.GetProperty("users").EnumerateArray().Select(IdIn)];
    }
}
