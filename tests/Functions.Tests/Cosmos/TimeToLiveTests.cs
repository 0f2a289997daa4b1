using System.Net;
using System.Net.Http.Json;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Tests that a user whose time to live is over is gone, although the feed has not shown it.</summary>
public sealed class TimeToLiveTests
{
    [Theory]
    [InlineData("LatestVersion", -1, 5, "point read")]
    [InlineData("AllVersionsAndDeletes", -1, 5, "point read")]
    [InlineData("AllVersionsAndDeletes", 5, null, "point read")]
    [InlineData("AllVersionsAndDeletes", -1, 5, "batch")]
    [InlineData("AllVersionsAndDeletes", -1, 5, "feed")]
    public async Task User_is_gone_when_the_store_no_longer_returns_it(string mode, int container, int? item, string by)
    {
        await using var store = await Store.StartAsync();
        await store.Users.ReplaceContainerAsync(
            new ContainerProperties("users", "/id") { DefaultTimeToLive = container }, cancellationToken: Cancel.Token);
        await store.SetTimeToLiveDelayAsync(TimeSpan.FromHours(1));
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__FeedMode", mode), ("Lookup__MaxStaleness", "00:05:00"), ("Lookup__PollInterval", "00:00:00.050"));
        var ttl = item is { } seconds ? $",\"ttl\":{seconds}" : "";
        await store.PutUserAsync("other");
        if (by == "feed")
        {
            await store.PutAsync("""{"id":"brief","version":1}""", "brief");
            await service.GetAsync("/api/users/brief");
            await service.GetAsync("/api/users/brief");
        }

        await service.CatchUpAsync();
        await store.PutAsync($$"""{"id":"brief","version":2{{ttl}}}""", "brief");
        if (by == "feed")
            await Eventually.IsTrueAsync(async () => (await service.GetAsync("/api/users/brief")).Json.GetProperty("version").GetInt32() == 2, "version 2");
        if (by == "batch")
        {
            using var ids = JsonContent.Create(new { ids = (string[])["brief", "other"] });
            await service.SendAsync(HttpMethod.Post, "/api/users/lookup", ids);
        }

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/users/brief")).Status);

        await Eventually.IsTrueAsync(
            async () =>
            {
                using var read = await store.Users.ReadItemStreamAsync("brief", new PartitionKey("brief"), cancellationToken: Cancel.Token);
                return read.StatusCode == HttpStatusCode.NotFound;
            },
            "the store does not return the item any more");

        (await service.GetAsync("/api/users/brief")).ShouldBeProblem(404, "user-not-found");
    }
}
