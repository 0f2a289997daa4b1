using System.Net;
using Lookup.Functions.Tests.Support;

namespace Lookup.Functions.Tests;

public sealed class OperationsTests(SharedService shared)
{
    [Fact]
    public async Task Evicting_a_user_makes_this_instance_read_it_again()
    {
        var one = await shared.PutNewUserAsync();
        var two = await shared.PutNewUserAsync();
        await shared.Service.GetAsync($"/api/users/{one}");
        await shared.Service.GetAsync($"/api/users/{two}");

        var evicted = await shared.Service.SendAsync(HttpMethod.Delete, $"/api/cache/users/{one}", null);

        Assert.Equal(HttpStatusCode.OK, evicted.Status);
        Assert.NotEmpty(evicted.Json.GetProperty("instance").GetString()!);
        Assert.Equal("user", evicted.Json.GetProperty("evicted").GetString());
        Assert.StartsWith("lookup; fwd=miss", (await shared.Service.GetAsync($"/api/users/{one}")).CacheStatus);
        Assert.StartsWith("lookup; hit", (await shared.Service.GetAsync($"/api/users/{two}")).CacheStatus);
    }

    [Fact]
    public async Task Clearing_the_cache_makes_this_instance_read_everything_again()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        await service.GetAsync("/api/users/ada");

        var cleared = await service.SendAsync(HttpMethod.Delete, "/api/cache", null);

        Assert.Equal("everything", cleared.Json.GetProperty("evicted").GetString());
        Assert.StartsWith("lookup; fwd=miss", (await service.GetAsync("/api/users/ada")).CacheStatus);
    }

    [Fact]
    public async Task Statistics_tell_what_was_done_and_how_far_the_feed_is_followed()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        for (var i = 0; i < 4; i++)
            await service.GetAsync("/api/users/ada");

        var stats = (await service.GetAsync("/api/stats")).Json;

        Assert.Equal(1, stats.GetProperty("cache").GetProperty("misses").GetInt64());
        Assert.Equal(3, stats.GetProperty("cache").GetProperty("hits").GetInt64());
        Assert.Equal(0, stats.GetProperty("cache").GetProperty("evictions").GetProperty("follower").GetInt64());
        Assert.True(stats.GetProperty("feed").GetProperty("armed").GetBoolean());
        Assert.True(stats.GetProperty("feed").GetProperty("confirmedAgeSeconds").GetDouble() >= 0);
        Assert.Equal(4, stats.GetProperty("feed").GetProperty("ranges").GetArrayLength());
        Assert.Equal(3, stats.GetProperty("requestUnitsSaved").GetDouble());
        Assert.True(stats.GetProperty("requestUnitsSpent").GetDouble() >= 1);
    }

    [Fact]
    public async Task Ready_without_a_store_says_that_it_is_not()
    {
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;", null, ("Lookup__ReadDeadline", "00:00:00.300"));

        (await service.GetAsync("/api/health/ready")).ShouldBeProblem(503, "not-ready");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/live")).Status);
    }
}
