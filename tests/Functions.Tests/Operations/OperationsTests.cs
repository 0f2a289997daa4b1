using System.Net;
using Lookup.Functions.Resilience;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Operations;

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
    public async Task Statistics_report_cache_counters_and_feed_progress()
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
    public async Task Statistics_count_each_request_once_by_function_and_outcome()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton(new StoreGuardOptions { Retries = 0 }), // each attempt is one store call
            ("Lookup__StaleIfError", "01:00:00"));
        await service.GetAsync("/api/users/ada");
        await service.GetAsync("/api/users/ada");
        await service.GetAsync("/api/users/ada", ("Cache-Control", "no-cache"));
        await service.GetAsync("/api/users/ada", ("Cache-Control", "no-cache, no-store"));
        await service.GetAsync("/api/users/nobody");
        await service.GetAsync("/api/users/another", ("Cache-Control", "only-if-cached"));
        await service.GetAsync("/api/users?email=ada%40example.com");
        await service.SendAsync(HttpMethod.Post, "/api/users/lookup", new StringContent("""{"ids":["ada","nobody"]}""", null, "application/json"));
        await service.GetAsync("/api/users/a%2Fb");
        await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");
        await service.GetAsync("/api/users/unread");

        var stats = (await service.GetAsync("/api/stats")).Json;
        await store.ClearFaultsAsync();

        var counted = stats.GetProperty("requests").EnumerateArray()
            .Where(row => row.GetProperty("count").GetInt64() > 0)
            .ToDictionary(
                row => $"{row.GetProperty("function").GetString()} {row.GetProperty("outcome").GetString()}",
                row => row.GetProperty("count").GetInt64());
        Assert.Equal(
            new Dictionary<string, long>
            {
                ["GetUser hit"] = 1,
                ["GetUser miss"] = 2,
                ["GetUser revalidated"] = 2,
                ["GetUser notCached"] = 1,
                ["GetUser error"] = 1,
                ["FindUsers miss"] = 1,
                ["LookupUsers hit"] = 1,
            },
            counted);
        var staleness = stats.GetProperty("staleness");
        Assert.Equal(7, staleness.GetProperty("counts").EnumerateArray().Sum(count => count.GetInt64()));
        Assert.Equal(staleness.GetProperty("boundariesSeconds").GetArrayLength() + 1, staleness.GetProperty("counts").GetArrayLength());
        Assert.Contains(300, staleness.GetProperty("boundariesSeconds").EnumerateArray().Select(bound => bound.GetDouble()));
        Assert.True(staleness.GetProperty("sumSeconds").GetDouble() > 0);
        Assert.InRange(staleness.GetProperty("maxSeconds").GetDouble(), 0.000_000_1, staleness.GetProperty("sumSeconds").GetDouble());
        Assert.Equal(300, stats.GetProperty("maxStalenessSeconds").GetDouble());
        Assert.Equal(0.05, stats.GetProperty("pollIntervalSeconds").GetDouble());
        Assert.True(stats.GetProperty("uptimeSeconds").GetDouble() > 0);
        var calls = stats.GetProperty("store");
        Assert.Equal(4, calls.GetProperty("reads").GetInt64());
        Assert.Equal(1, calls.GetProperty("queries").GetInt64());
        Assert.Equal(6, calls.GetProperty("durationCount").GetInt64());
        Assert.True(calls.GetProperty("failures").GetInt64() >= 1);
        Assert.True(stats.GetProperty("memory").GetProperty("cacheBytes").GetInt64() > 0);
        Assert.True(stats.GetProperty("memory").GetProperty("cacheLimitBytes").GetInt64() > 0);
        Assert.False(stats.GetProperty("probe").GetProperty("enabled").GetBoolean());
        Assert.All(
            stats.GetProperty("feed").GetProperty("ranges").EnumerateArray(),
            range => Assert.True(range.GetProperty("confirmedAgeSeconds").GetDouble() >= 0));
    }

    [Fact]
    public async Task Readiness_without_a_store_reports_not_ready()
    {
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;", null, ("Lookup__ReadDeadline", "00:00:00.300"));

        (await service.GetAsync("/api/health/ready")).ShouldBeProblem(503, "not-ready");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/live")).Status);
    }
}
