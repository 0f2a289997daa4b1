using System.Net;
using Lookup.Domain.Freshness;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class FeedTests
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

    [Fact]
    public async Task Rejected_continuation_ends_the_epoch_and_restarts_the_feed()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var service = await Service.StartAsync(store, null, ("Lookup__MaxStaleness", "00:05:00"));
        await service.GetAsync("/api/users/ada");
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;

        // The feed rejects its continuations, so it must restart from now.
        await store.AddFaultAsync("""{"operation":"feedPoll","status":410,"substatus":1000,"count":4}""");
        await Eventually.IsTrueAsync(() => freshness.Epoch > epoch, "the epoch has ended");
        await Eventually.IsTrueAsync(() => freshness.IsArmed, "the feed is armed again");

        Assert.True(freshness.Epoch > epoch);
        await store.PutUserAsync("ada", version: 2);
        await service.CatchUpAsync();
        Assert.Equal(2, (await service.GetAsync("/api/users/ada")).Json.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Failed_poll_is_retried_and_loses_nothing()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var service = await Service.StartAsync(store, null, ("Lookup__MaxStaleness", "00:05:00"));
        await service.GetAsync("/api/users/ada");
        var epoch = service.Services.GetRequiredService<FreshnessTracker>().Epoch;

        await store.AddFaultAsync("""{"operation":"feedPoll","status":503,"count":8}""");
        await store.PutUserAsync("ada", version: 2);
        await service.CatchUpAsync();

        Assert.Equal(2, (await service.GetAsync("/api/users/ada")).Json.GetProperty("version").GetInt32());
        Assert.Equal(epoch, service.Services.GetRequiredService<FreshnessTracker>().Epoch);
    }

    [Fact]
    public async Task Recreated_container_is_not_confirmed_by_the_feed_of_the_old_one()
    {
        await using var store = await Store.StartAsync();
        for (var i = 0; i < 20; i++)
            await store.PutUserAsync($"u{i}", version: 1);
        await store.PutUserAsync("ada", version: 1);
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__MaxStaleness", "00:00:01"));
        await service.GetAsync("/api/users/ada");

        await store.Users.DeleteContainerAsync(cancellationToken: Cancel.Token);
        await store.CreateContainerAsync();
        await store.PutUserAsync("ada", version: 2);

        await Eventually.IsTrueAsync(
            async () => await service.GetAsync("/api/users/ada") is { Status: HttpStatusCode.OK } response
                && response.Json.GetProperty("version").GetInt32() == 2,
            "the user of the new container is served");
    }

    [Fact]
    public async Task State_of_the_old_container_does_not_block_users_of_the_recreated_one()
    {
        await using var store = await Store.StartAsync();
        await using var service = await ServeFiftiethVersionAsync(store);
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;

        await store.Users.DeleteContainerAsync(cancellationToken: Cancel.Token);
        await store.CreateContainerAsync();
        await store.PutUserAsync("ada", version: 1);
        await Eventually.IsTrueAsync(() => freshness.Epoch > epoch && freshness.IsArmed, "the feed of the new container is followed");

        await ShouldServeFirstVersionAsync(service);
    }

    [Fact]
    public async Task Read_that_detects_the_recreated_container_before_the_feed_discards_the_old_state()
    {
        await using var store = await Store.StartAsync();
        await using var service = await ServeFiftiethVersionAsync(store, ("Lookup__PollInterval", "00:00:05"));
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;

        // The feed restarts one poll interval after it has ended. On a slow machine it may precede the read; the assertions hold nevertheless.
        await store.Users.DeleteContainerAsync(cancellationToken: Cancel.Token);
        await Eventually.IsTrueAsync(() => freshness.Epoch > epoch, "the feed of the old container has ended");
        await store.CreateContainerAsync();
        await store.PutUserAsync("ada", version: 1);
        await store.PutUserAsync("bob", version: 1);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/users/bob")).Status);
        await Eventually.IsTrueAsync(() => freshness.IsArmed, "the feed of the new container is followed");

        await ShouldServeFirstVersionAsync(service);
    }

    [Fact]
    public async Task Changes_of_items_that_no_request_can_name_are_skipped()
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"ada","tenant":"a","version":1}""", "a");
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__PartitionKeyPath", "/tenant"), ("Lookup__MaxStaleness", "00:05:00"));
        await service.GetAsync("/api/users/ada?pk=a");
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;

        using var number = new MemoryStream("""{"id":"x","tenant":5}"""u8.ToArray());
        (await store.Users.UpsertItemStreamAsync(number, new PartitionKey(5), cancellationToken: Cancel.Token)).EnsureSuccessStatusCode();
        await store.PutAsync("""{"id":"ada","tenant":"a","version":2}""", "a");

        await Eventually.IsTrueAsync(
            async () => (await service.GetAsync("/api/users/ada?pk=a")).Json.GetProperty("version").GetInt32() == 2, "version 2 is served");
        Assert.Equal(epoch, freshness.Epoch);
    }

    /// <summary>Starts an instance that caches a version with an LSN that a new container does not reach for a while.</summary>
    private static async Task<Service> ServeFiftiethVersionAsync(Store store, params (string Name, string Value)[] settings)
    {
        for (var version = 1; version <= 50; version++)
            await store.PutUserAsync("ada", version);
        var service = await Service.StartAsync(store, null, settings);
        await service.GetAsync("/api/users/ada");
        return service;
    }

    private static async Task ShouldServeFirstVersionAsync(Service service)
    {
        var response = await service.GetAsync("/api/users/ada");
        Assert.Equal((HttpStatusCode.OK, 1), (response.Status, response.Json.GetProperty("version").GetInt32()));
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
