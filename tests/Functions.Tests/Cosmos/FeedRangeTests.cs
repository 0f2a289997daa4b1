using System.Net;
using Lookup.Domain.Freshness;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Tests that feed ranges that split or merge are followed without a gap, and are confirmed only as a whole.</summary>
public sealed class FeedRangeTests
{
    [Theory]
    [InlineData("LatestVersion")]
    [InlineData("AllVersionsAndDeletes")]
    public async Task Range_that_splits_is_followed_without_a_gap(string mode)
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__FeedMode", mode), ("Lookup__MaxStaleness", "00:05:00"));
        var ids = Enumerable.Range(0, 20).Select(i => $"u{i}").ToArray();
        foreach (var id in ids)
            await store.PutUserAsync(id, version: 1);
        await service.CatchUpAsync();
        foreach (var id in ids)
            await service.GetAsync($"/api/users/{id}");
        var epoch = service.Services.GetRequiredService<FreshnessTracker>().Epoch;

        await store.SplitAsync("0");
        foreach (var id in ids)
            await store.PutUserAsync(id, version: 2);
        await service.CatchUpAsync();

        foreach (var id in ids)
            Assert.Equal(2, (await service.GetAsync($"/api/users/{id}")).Json.GetProperty("version").GetInt32());
        Assert.Equal(epoch, service.Services.GetRequiredService<FreshnessTracker>().Epoch);
    }

    /// <summary>
    /// After a merge, one physical range serves several feed ranges. If one of them returned the users of another, the epoch would end, because
    /// the partitioner would be wrong.
    /// </summary>
    [Fact]
    public async Task Ranges_that_merge_are_followed_without_a_gap_each_with_its_own_users()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        foreach (var id in Ids)
            await store.PutUserAsync(id, version: 1);
        await service.CatchUpAsync();
        foreach (var id in Ids)
            await service.GetAsync($"/api/users/{id}");
        var epoch = service.Services.GetRequiredService<FreshnessTracker>().Epoch;
        var changed = Ids.Where((_, i) => i % 3 == 0).ToHashSet();
        var latest = 1;

        foreach (var (range, adjacent) in (IEnumerable<(string, string)>)[("0", "1"), ("4", "2"), ("5", "3")])
        {
            latest++;
            await store.MergeAsync(range, adjacent);
            foreach (var id in changed)
                await store.PutUserAsync(id, latest);
            await service.CatchUpAsync();

            foreach (var id in Ids)
            {
                var response = await service.GetAsync($"/api/users/{id}");
                Assert.Equal(changed.Contains(id) ? latest : 1, response.Json.GetProperty("version").GetInt32());
                Assert.Equal(!changed.Contains(id), response.CacheStatus!.Contains("; hit", StringComparison.Ordinal));
            }
        }

        Assert.Equal(epoch, service.Services.GetRequiredService<FreshnessTracker>().Epoch);
    }

    /// <summary>
    /// After a merge, the feed of all versions and deletes fails permanently. Users are then read again when their confirmation is older than
    /// MaxStaleness.
    /// </summary>
    [Fact]
    public async Task Merge_in_the_mode_of_all_versions_serves_no_user_for_longer_than_MaxStaleness()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__FeedMode", "AllVersionsAndDeletes"), ("Lookup__MaxStaleness", "00:00:01"));
        await service.CatchUpAsync();
        await service.GetAsync("/api/users/ada");

        await store.MergeAsync("0", "1");
        await store.PutUserAsync("ada", version: 2);

        await Eventually.IsTrueAsync(async () => await VersionAsync(service, "ada") == 2, "the user is read again");
        await store.DeleteAsync("ada");
        await Eventually.IsTrueAsync(
            async () => (await service.GetAsync("/api/users/ada")).Status == HttpStatusCode.NotFound, "the deletion is served");
    }

    /// <summary>
    /// If the first part that it polls has no changes, the SDK returns "no more changes" for a split range although the other part fails.
    /// The change in the other part must not be skipped.
    /// </summary>
    [Theory]
    [InlineData("LatestVersion", 503, "lower")]
    [InlineData("LatestVersion", 503, "upper")]
    [InlineData("AllVersionsAndDeletes", 503, "upper")]
    [InlineData("LatestVersion", 500, "upper")]
    [InlineData("LatestVersion", 410, "upper")]
    [InlineData("LatestVersion", 429, "upper")]
    public async Task Split_range_is_not_confirmed_by_one_part_while_the_other_fails(string mode, int status, string which)
    {
        // Only a lookup that finds an unconfirmed user (after MaxStaleness) polls the feed.
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__FeedMode", mode), ("Lookup__MaxStaleness", "00:00:01"), ("Lookup__CatchUpTimeout", "00:00:10"),
            ("Lookup__PollDeadline", "00:01:00"), ("Lookup__PollInterval", "01:00:00"), ("Lookup__IdleAfter", "02:00:00"));
        foreach (var id in Ids)
            await store.PutUserAsync(id, version: 1);
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        await Eventually.IsTrueAsync(() => freshness.IsArmed, "the feed is armed");
        var (lower, upper) = await store.SplitAsync("0");
        var failing = which == "lower" ? lower : upper;
        var user = await FirstInAsync(store, failing);
        await service.GetAsync($"/api/users/{user}");
        await Eventually.IsTrueAsync(
            async () => (await LaterAsync()).CacheStatus!.Contains("; hit", StringComparison.Ordinal), "the feed follows the split and confirms the user");

        await store.AddFaultAsync($$"""{"operation":"feedPoll","range":"{{failing}}","status":{{status}},"substatus":{{(status == 410 ? 1007 : 0)}}}""");
        await store.PutUserAsync(user, version: 2);

        Assert.Equal(2, (await LaterAsync()).Json.GetProperty("version").GetInt32());

        async Task<TestResponse> LaterAsync()
        {
            var asked = freshness.Clock.Now;
            await Eventually.IsTrueAsync(() => freshness.Clock.Now - asked > TimeSpan.TicksPerSecond, "MaxStaleness has passed");
            return await service.GetAsync($"/api/users/{user}");
        }
    }

    [Fact]
    public async Task Failing_part_does_not_block_the_others()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__MaxStaleness", "00:05:00"));
        foreach (var id in Ids)
            await store.PutUserAsync(id, version: 1);
        await service.CatchUpAsync();
        var (lower, upper) = await store.SplitAsync("0");
        await service.CatchUpAsync();
        var (inLower, inUpper) = (await FirstInAsync(store, lower), await FirstInAsync(store, upper));
        foreach (var failing in (string[])[lower, upper])
        {
            var user = failing == lower ? inUpper : inLower;
            await store.PutUserAsync(user, version: 1);
            await service.CatchUpAsync();
            Assert.Equal(1, await VersionAsync(service, user));

            await store.AddFaultAsync($$"""{"operation":"feedPoll","range":"{{failing}}","status":503}""");
            await store.PutUserAsync(user, version: 2);

            await Eventually.IsTrueAsync(async () => await VersionAsync(service, user) == 2, $"the feed returns a change although part {failing} fails");
            await store.ClearFaultsAsync();
        }
    }

    private static string[] Ids => [.. Enumerable.Range(0, 60).Select(i => $"u{i}")];

    private static async Task<int> VersionAsync(Service service, string id) =>
        (await service.GetAsync($"/api/users/{id}")).Json.GetProperty("version").GetInt32();

    private static async Task<string> FirstInAsync(Store store, string range)
    {
        foreach (var id in Ids)
        {
            if (await store.RangeOfAsync(id) == range)
                return id;
        }

        throw new InvalidOperationException($"None of the users is in range {range}.");
    }
}
