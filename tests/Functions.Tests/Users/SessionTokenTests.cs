using System.Net;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Tests.Users;

/// <summary>Tests that a client reads what it has just written, through any instance, with the session token of its write.</summary>
public sealed class SessionTokenTests(SharedService shared)
{
    private const string Header = "x-ms-session-token";

    /// <summary>No poll observes a change during a test, so only reads can.</summary>
    private static readonly (string, string)[] WithoutPolls = [("Lookup__PollInterval", "01:00:00"), ("Lookup__CatchUpTimeout", "00:00:00")];

    [Fact]
    public async Task Response_with_the_token_of_a_write_has_that_write_on_every_instance_although_replicas_lag()
    {
        await using var store = await Store.StartAsync();
        await store.SetLagAsync(TimeSpan.FromMilliseconds(200));
        await using var one = await Service.StartAsync(store, null, WithoutPolls);
        await using var other = await Service.StartAsync(store, null, WithoutPolls);

        for (var version = 1; version <= 20; version++)
        {
            var token = await PutAsync(store, "ada", version);
            foreach (var service in (Service[])[one, other])
            {
                var response = await service.GetAsync("/api/users/ada", (Header, token));
                Assert.Equal((HttpStatusCode.OK, version), (response.Status, response.Json.GetProperty("version").GetInt32()));
                Assert.Matches("^lookup; fwd=(miss|request); fwd-status=200; stored;", response.CacheStatus);
                Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/ada", (Header, token))).CacheStatus);
            }
        }
    }

    [Fact]
    public async Task Response_with_the_token_of_a_delete_is_404()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await store.SetLagAsync(TimeSpan.FromMilliseconds(200));
        await using var service = await Service.StartAsync(store, null, WithoutPolls);
        await service.GetAsync("/api/users/ada");
        using var deleted = await store.Users.DeleteItemStreamAsync("ada", new PartitionKey("ada"), cancellationToken: Cancel.Token);

        (await service.GetAsync("/api/users/ada", (Header, deleted.Headers.Session))).ShouldBeProblem(404, "user-not-found");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a%41")] // read by a query
    public async Task Token_from_before_a_split_is_honored(string id)
    {
        await using var store = await Store.StartAsync();
        await store.SetLagAsync(TimeSpan.FromMilliseconds(200));
        await using var service = await Service.StartAsync(store, null, WithoutPolls);
        var token = await PutAsync(store, id, 1);
        await store.SplitAsync(token[..token.IndexOf(':', StringComparison.Ordinal)]);

        var response = await service.GetAsync($"/api/users/{Uri.EscapeDataString(id)}", (Header, token));

        Assert.Equal((HttpStatusCode.OK, 1), (response.Status, response.Json.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task Joined_token_requires_only_what_it_says_about_the_partition_of_the_user()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, WithoutPolls);
        var token = await PutAsync(store, "ada", 1);

        var response = await service.GetAsync("/api/users/ada", (Header, $"77:-1#999999,{token},78:3#5#1=4"));
        var unrelated = await service.GetAsync("/api/users/ada", (Header, "77:-1#999999"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (response.Status, unrelated.Status));
    }

    [Fact]
    public async Task Token_ahead_of_the_store_gets_503_and_the_session_of_the_instance_is_unaffected()
    {
        await using var store = await Store.StartAsync();
        var before = await PutAsync(store, "ada", 1);
        var parent = before[..before.IndexOf(':', StringComparison.Ordinal)];
        await store.SplitAsync(parent);
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__ReadDeadline", "00:00:03"), ("Lookup__PollInterval", "01:00:00"));
        var range = await store.RangeOfAsync("ada");

        // The instance has read version 2. Its session excludes older states, although replicas now lag by up to an hour.
        await PutAsync(store, "ada", 2);
        Assert.Equal(2, (await service.GetAsync("/api/users/ada")).Json.GetProperty("version").GetInt32());
        await store.SetLagAsync(TimeSpan.FromHours(1));
        await service.SendAsync(HttpMethod.Delete, "/api/cache", null);

        foreach (var token in (string[])[$"{range}:-1#999999", $"{parent}:-1#999999"])
            (await service.GetAsync("/api/users/ada", (Header, token), ("Cache-Control", "stale-if-error=9"))).ShouldBeProblem(503, "store-unavailable");

        for (var i = 0; i < 20; i++)
        {
            await service.SendAsync(HttpMethod.Delete, "/api/cache", null);
            Assert.Equal(2, (await service.GetAsync("/api/users/ada")).Json.GetProperty("version").GetInt32());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("0:-1#x")]
    [InlineData("0:-1#1, 1:-1#1")]
    public async Task Invalid_token_gets_400_and_causes_no_read(string token)
    {
        var id = SharedService.NewId();

        var response = await shared.Service.GetAsync($"/api/users/{id}", (Header, token));

        response.ShouldBeProblem(400, "bad-request");
        Assert.Contains("'partition:version#globalLSN'", response.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        (await shared.Service.GetAsync($"/api/users/{id}", ("Cache-Control", "only-if-cached"))).ShouldBeProblem(504, "not-cached");
    }

    [Fact]
    public async Task Token_is_rejected_by_lookups_of_several_users_and_ignored_by_other_routes()
    {
        (await shared.Service.GetAsync("/api/users?email=a", (Header, "0:-1#1"))).ShouldBeProblem(400, "bad-request");
        using var body = new StringContent("""{"ids":["a"]}""", Encoding.UTF8, "application/json");
        (await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", body, (Header, "0:-1#1"))).ShouldBeProblem(400, "bad-request");
        Assert.Equal(HttpStatusCode.OK, (await shared.Service.GetAsync("/api/stats", (Header, "garbage"))).Status);
    }

    [Fact]
    public async Task Token_that_the_cache_does_not_reflect_and_only_if_cached_get_504()
    {
        var id = await shared.PutNewUserAsync();
        await shared.Service.GetAsync($"/api/users/{id}");

        var response = await shared.Service.GetAsync($"/api/users/{id}", (Header, "0:-1#999999"), ("Cache-Control", "only-if-cached, max-stale"));

        response.ShouldBeProblem(504, "not-cached");
    }

    /// <summary>Writes a user with a client of its own, and returns the session token of the write.</summary>
    private static async Task<string> PutAsync(Store store, string id, int version)
    {
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { id, version }));
        using var response = await store.Users.UpsertItemStreamAsync(body, new PartitionKey(id), cancellationToken: Cancel.Token);
        response.EnsureSuccessStatusCode();
        return response.Headers.Session;
    }
}
