using System.Net;
using System.Net.Http.Json;
using Lookup.Domain.Caching;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Tests what changes cost in reads, and that a client without a session does not bring back an older version.</summary>
public sealed class ChangeTests
{
    /// <summary>The feed has just delivered the document, so no instance has to read it.</summary>
    [Theory]
    [InlineData("LatestVersion")]
    [InlineData("AllVersionsAndDeletes")]
    public async Task User_in_use_that_keeps_changing_is_read_once_by_each_instance(string mode)
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("hot");
        await using var one = await StartAsync(store, mode);
        await using var two = await StartAsync(store, mode);
        await using var three = await StartAsync(store, mode);
        Service[] services = [one, two, three];
        foreach (var service in services)
        {
            await service.GetAsync("/api/users/hot");
            await service.GetAsync("/api/users/hot");
        }

        var reads = await store.CountAsync("pointReads");
        for (var version = 2; version <= 10; version++)
        {
            await store.PutUserAsync("hot", version);
            foreach (var service in services)
                await Eventually.IsTrueAsync(async () => await VersionAsync(service, "hot") == version, $"version {version} is served");
        }

        Assert.Equal(reads, await store.CountAsync("pointReads"));
        Assert.All(services, service => Assert.Equal(9, StatisticsOf(service).Updated));
    }

    [Fact]
    public async Task User_that_was_read_before_the_feed_has_shown_its_change_is_not_read_again()
    {
        await using var store = await Store.StartAsync();
        await using var service = await StartAsync(store, "LatestVersion");
        await service.CatchUpAsync();
        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        await store.PutUserAsync("ada");
        await service.GetAsync("/api/users/ada");
        await store.ClearFaultsAsync();
        await service.CatchUpAsync();

        Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/ada")).CacheStatus, StringComparison.Ordinal);
        Assert.Equal(1, StatisticsOf(service).Kept);
    }

    [Fact]
    public async Task Users_that_have_just_changed_are_read_together()
    {
        const int Users = 400;
        await using var store = await Store.StartAsync();
        await using var service = await StartAsync(store, "LatestVersion");
        await service.CatchUpAsync();
        var ids = Enumerable.Range(0, Users).Select(i => $"u{i}").ToArray();
        foreach (var id in ids)
            await store.PutUserAsync(id);
        await service.CatchUpAsync();
        var (reads, queries) = (await store.CountAsync("pointReads"), await store.CountAsync("queries"));

        using var body = JsonContent.Create(new { ids });
        var response = await service.SendAsync(HttpMethod.Post, "/api/users/lookup", body);

        Assert.Equal((HttpStatusCode.OK, Users), (response.Status, response.Json.GetProperty("users").GetArrayLength()));
        Assert.Equal(reads, await store.CountAsync("pointReads"));
        Assert.InRange(await store.CountAsync("queries") - queries, 1, 5 * Store.Ranges); // the first reads are small, because the sizes are not known
        Assert.Equal(0, StatisticsOf(service).BehindReads);
    }

    /// <summary>After a 404/1002, the SDK sends no session token until the range has responded again.</summary>
    [Fact]
    public async Task Client_that_has_lost_its_session_does_not_serve_an_older_version()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var service = await StartAsync(
            store, "LatestVersion", ("Lookup__PollInterval", "01:00:00"), ("Lookup__CatchUpTimeout", "00:00:00"), ("Lookup__ReadDeadline", "00:00:00.500"));
        await store.PutUserAsync("ada", version: 2);
        Assert.Equal(2, await VersionAsync(service, "ada"));
        await store.SetLagAsync(TimeSpan.FromHours(1));

        for (var round = 0; round < 10; round++)
        {
            await store.AddFaultAsync("""{"operation":"pointRead","status":404,"substatus":1002}""");
            await service.SendAsync(HttpMethod.Delete, "/api/cache", null);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.GetAsync("/api/users/ada")).Status);
            await store.ClearFaultsAsync();

            var response = await service.GetAsync("/api/users/ada");

            Assert.True(
                response.Status == HttpStatusCode.ServiceUnavailable || response.Json.GetProperty("version").GetInt32() == 2,
                $"Round {round}: version 1 was served after version 2.");
        }

        Assert.NotEqual(0, StatisticsOf(service).BehindReads);
    }

    private static Task<Service> StartAsync(Store store, string mode, params (string Name, string Value)[] settings) => Service.StartAsync(
        store,
        null,
        [("Lookup__FeedMode", mode), ("Lookup__MaxStaleness", "00:05:00"), .. settings.Length > 0 ? settings : [("Lookup__PollInterval", "00:00:00.050")]]);

    private static UserCacheStatistics StatisticsOf(Service service) => service.Services.GetRequiredService<UserCache>().GetStatistics();

    private static async Task<int> VersionAsync(Service service, string id) =>
        (await service.GetAsync($"/api/users/{id}")).Json.GetProperty("version").GetInt32();
}
