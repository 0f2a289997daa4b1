using System.Net;
using Lookup.Domain.Freshness;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Tests of polls that fail, of positions that are lost, and of containers that are recreated.</summary>
public sealed class FeedTests
{
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
}
