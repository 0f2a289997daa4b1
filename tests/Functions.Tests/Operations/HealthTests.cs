using System.Net;
using Lookup.Functions.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Operations;

public sealed class HealthTests
{
    private const string NoReads = """{"operation":"pointRead","status":503}""";
    private const string NoFeed = """{"operation":"feedPoll","status":503}""";

    private static readonly (string, string) ShortBound = ("Lookup__MaxStaleness", "00:00:00.200");

    [Fact]
    public async Task Health_checks_send_no_store_request()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await service.GetAsync("/api/users/nobody");
        var reads = await store.CountAsync("pointReads");

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("ready", await StatusAsync(service));
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/live")).Status);
        }

        Assert.Equal(reads, await store.CountAsync("pointReads"));
    }

    [Fact]
    public async Task Health_checks_of_a_failing_store_cost_one_read_per_second_with_its_retries()
    {
        const int Attempts = 4;
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await store.AddFaultAsync(NoReads);
        await service.GetAsync("/api/users/nobody"); // the instance caches the state of the store for a second
        var hits = await store.FaultHitsAsync();
        var time = TimeProvider.System;
        var began = time.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => service.GetAsync("/api/health/ready")));

        var seconds = (int)Math.Ceiling(time.GetElapsedTime(began).TotalSeconds);
        Assert.InRange(await store.FaultHitsAsync() - hits, 0, Attempts * (seconds + 1));
    }

    [Fact]
    public async Task Failure_of_the_feed_alone_degrades_readiness()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, null, ShortBound);
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync(NoFeed);

        await BecomesAsync(service, "degraded");

        var checks = (await service.GetAsync("/api/health/ready")).Json.GetProperty("checks");
        Assert.Equal("feed failing, store ok", Text(checks));
        await store.ClearFaultsAsync();
        await BecomesAsync(service, "ready");
    }

    [Fact]
    public async Task Failure_of_one_feed_range_degrades_readiness_and_leaves_users_of_other_ranges_cached()
    {
        const int Ranges = 10;
        await using var store = await Store.StartAsync(ranges: Ranges);
        var users = new Dictionary<string, string>(); // by range
        for (var i = 0; users.Count < Ranges; i++)
        {
            await store.PutUserAsync($"u{i}");
            users.TryAdd(await store.RangeOfAsync($"u{i}"), $"u{i}");
        }

        await using var service = await Service.StartAsync(store, null, ("Lookup__MaxStaleness", "00:00:02"));
        await service.CatchUpAsync();
        foreach (var user in users.Values)
            await service.GetAsync($"/api/users/{user}");
        var (failing, unconfirmed) = users.First();
        await store.AddFaultAsync($$"""{"operation":"feedPoll","status":503,"range":"{{failing}}"}""");

        await BecomesAsync(service, "degraded", $"/api/users/{unconfirmed}");

        var checks = (await service.GetAsync("/api/health/ready")).Json.GetProperty("checks");
        Assert.Equal("feed failing, store ok", Text(checks));
        Assert.Contains($"1 of the {Ranges} ranges", checks.ToString(), StringComparison.Ordinal);
        await AssertOthersAreHitsAsync();
        await store.ClearFaultsAsync();
        await BecomesAsync(service, "ready");
        await AssertOthersAreHitsAsync();

        async Task AssertOthersAreHitsAsync()
        {
            foreach (var user in users.Values.Where(user => user != unconfirmed))
                Assert.StartsWith("lookup; hit", (await service.GetAsync($"/api/users/{user}"))["Cache-Status"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Failure_of_the_store_alone_degrades_readiness()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync(NoReads);

        await BecomesAsync(service, "degraded", "/api/users/another");

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/users/ada")).Status);
        await store.ClearFaultsAsync();
        await BecomesAsync(service, "ready");
    }

    [Theory]
    [InlineData("00:00:00", "not-ready")]
    [InlineData("01:00:00", "degraded")]
    public async Task Readiness_without_store_and_feed_depends_on_StaleIfError(string staleIfError, string expected)
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, null, ShortBound, ("Lookup__StaleIfError", staleIfError));
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync(NoFeed);
        await store.AddFaultAsync(NoReads);

        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync("/api/users/ada");
                var ready = await service.GetAsync("/api/health/ready");
                if (expected == "not-ready" && ready.Status == HttpStatusCode.ServiceUnavailable)
                {
                    ready.ShouldBeProblem(503, "not-ready");
                    Assert.Equal("1", ready["Retry-After"]);
                    return true;
                }

                return ready.Status == HttpStatusCode.OK
                    && ready.Json.GetProperty("status").GetString() == expected
                    && Text(ready.Json.GetProperty("checks")) == "feed failing, store failing";
            },
            expected);
    }

    [Fact]
    public async Task Readiness_details_are_returned_to_administrators_only()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__Keys__0", "lookup-key-000001"), ("Lookup__AdminKeys__0", "admin-key-0000001"));

        foreach (var key in (string[])["", "lookup-key-000001", "wrong"])
            Assert.Equal("""{"status":"ready"}""", (await service.GetAsync("/api/health/ready", ("x-functions-key", key))).Text);
        Assert.Equal(2, (await service.GetAsync("/api/health/ready", ("x-functions-key", "admin-key-0000001"))).Json.GetProperty("checks").GetArrayLength());
        Assert.Equal(2, (await service.GetAsync("/api/health/ready?code=admin-key-0000001")).Json.GetProperty("checks").GetArrayLength());
    }

    private static async Task<string?> StatusAsync(Service service)
    {
        var ready = await service.GetAsync("/api/health/ready");
        return ready.Json.GetProperty("status").ToString();
    }

    /// <summary>Waits for a status, with a lookup before each check, because an instance without lookups pauses and reports no state.</summary>
    private static Task BecomesAsync(Service service, string status, string lookup = "/api/users/ada") => Eventually.IsTrueAsync(
        async () =>
        {
            await service.GetAsync(lookup);
            return await StatusAsync(service) == status;
        },
        status);

    private static string Text(System.Text.Json.JsonElement checks) => string.Join(
        ", ", checks.EnumerateArray().Select(check => $"{check.GetProperty("name").GetString()} {check.GetProperty("status").GetString()}"));
}
