using System.Net;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Resilience;
using Lookup.Functions.Support;
using Lookup.Functions.Telemetry;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Users;

public sealed class CoherenceTests
{
    [Fact]
    public async Task GetUser_is_a_miss_at_first_and_then_a_hit()
    {
        await using var store = await Store.StartAsync();
        await store.PutAsync("""{"id":"ada","email":"ada@example.com","n":1.50}""", "ada");
        await using var service = await Service.StartAsync(store);

        var first = await service.GetAsync("/api/users/ada");
        var second = await service.GetAsync("/api/users/ada");

        Assert.Equal("""{"id":"ada","email":"ada@example.com","n":1.50}""", first.Text);
        Assert.StartsWith("lookup; fwd=miss", first.CacheStatus);
        Assert.Equal(first.Text, second.Text);
        Assert.StartsWith("lookup; hit", second.CacheStatus);
        Assert.Equal(first["ETag"], second["ETag"]);
    }

    [Fact]
    public async Task GetUser_after_a_change_by_another_client_returns_the_new_version_soon()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var service = await Service.StartAsync(store);
        Assert.Equal(1, await VersionAsync(service, "ada"));

        await store.PutUserAsync("ada", version: 2);

        await Eventually.IsTrueAsync(async () => await VersionAsync(service, "ada") == 2, "version 2 is served");
    }

    [Fact]
    public async Task GetUser_of_an_unknown_user_is_cached_until_the_user_is_created()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);

        var first = await service.GetAsync("/api/users/nobody");
        var second = await service.GetAsync("/api/users/nobody");
        var reads = await store.CountAsync("pointReads");
        await store.PutUserAsync("nobody");

        first.ShouldBeProblem(404, "user-not-found");
        second.ShouldBeProblem(404, "user-not-found");
        Assert.StartsWith("lookup; hit", second.CacheStatus);
        Assert.Equal(1, reads);
        await Eventually.IsTrueAsync(
            async () => (await service.GetAsync("/api/users/nobody")).Status == HttpStatusCode.OK, "the created user is found");
    }

    [Fact]
    public async Task Read_overtaken_by_a_change_does_not_cache_the_old_version()
    {
        var gate = new DelayedStore { Held = "ada" };
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await store.PutUserAsync("other");
        await using var service = await Service.StartAsync(store, gate.Decorate);
        var feedCounters = service.Services.GetRequiredService<FeedCounters>();
        await service.GetAsync("/api/users/other"); // while the cache is empty, the feed is not polled

        var overtaken = VersionAsync(service, "ada");
        await gate.Arrived;
        var before = feedCounters.Changes;
        await store.PutUserAsync("ada", version: 2);
        await Eventually.IsTrueAsync(() => feedCounters.Changes > before, "the instance has observed the change");
        gate.Open();

        Assert.Equal(1, await overtaken);
        Assert.Equal(2, await VersionAsync(service, "ada"));
        Assert.Equal(2, await VersionAsync(service, "ada"));
    }

    [Fact]
    public async Task Hundred_concurrent_misses_of_one_user_share_one_read()
    {
        var gate = new DelayedStore { Held = "ada" };
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, gate.Decorate);

        var requests = Enumerable.Range(0, 100).Select(_ => service.GetAsync("/api/users/ada")).ToArray();
        await gate.Arrived;
        var completedEarly = requests.Count(request => request.IsCompleted);
        gate.Open();
        var responses = await Task.WhenAll(requests);

        Assert.Equal(0, completedEarly);
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.Status));
        Assert.Equal(1, await store.CountAsync("pointReads"));
    }

    [Fact]
    public async Task Two_instances_both_observe_one_change()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var one = await Service.StartAsync(store);
        await using var two = await Service.StartAsync(store);
        Assert.Equal(1, await VersionAsync(one, "ada"));
        Assert.Equal(1, await VersionAsync(two, "ada"));

        await store.PutUserAsync("ada", version: 2);

        await Eventually.IsTrueAsync(async () => await VersionAsync(one, "ada") == 2, "the first instance serves version 2");
        await Eventually.IsTrueAsync(async () => await VersionAsync(two, "ada") == 2, "the second instance serves version 2");
    }

    [Fact]
    public async Task Hit_sends_no_store_request()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, null, ("Lookup__PollInterval", "01:00:00"));
        await service.GetAsync("/api/users/ada");
        var before = await store.CountAsync("requests");

        for (var i = 0; i < 50; i++)
            Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/ada")).CacheStatus);

        Assert.Equal(before, await store.CountAsync("requests"));
    }

    [Theory]
    [InlineData("LatestVersion")]
    [InlineData("AllVersionsAndDeletes")]
    public async Task Feed_is_followed_in_both_modes(string mode)
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada", version: 1);
        await using var service = await Service.StartAsync(store, null, ("Lookup__FeedMode", mode));
        Assert.Equal(1, await VersionAsync(service, "ada"));

        await store.PutUserAsync("ada", version: 2);
        await Eventually.IsTrueAsync(async () => await VersionAsync(service, "ada") == 2, "version 2 is served");

        await store.DeleteAsync("ada");
        if (mode == "AllVersionsAndDeletes")
        {
            await Eventually.IsTrueAsync(
                async () => (await service.GetAsync("/api/users/ada")).Status == HttpStatusCode.NotFound, "the deleted user is not found");
        }
    }

    [Fact]
    public async Task GetUser_with_an_unreachable_store_fails_at_the_deadline_and_the_process_survives()
    {
        const string Nowhere = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;";
        var time = new FakeTimeProvider();
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await Service.StartUnarmedAsync(
            Nowhere,
            services => services
                .AddSingleton<TimeProvider>(time)
                .AddSingleton<IUserStore>(provider => new GuardedUserStore(
                    new AnnouncedStore(provider.GetRequiredService<CosmosUserStore>(), reading), provider.GetRequiredService<StoreGuard>())),
            ("Lookup__ReadDeadline", "00:00:01"));

        var request = service.GetAsync("/api/users/ada");
        await Eventually.EndsAsync(reading.Task, "the read reaches the store");
        Assert.False(request.IsCompleted, "The request ended before its deadline, although the store client retries for more than a minute.");
        time.Advance(TimeSpan.FromSeconds(1));
        var response = await Eventually.EndsAsync(request, "the request ends at its deadline");

        response.ShouldBeProblem(503, "store-unavailable");
        Assert.NotNull(response["Retry-After"]);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/")).Status);
    }

    private static async Task<int> VersionAsync(Service service, string id)
    {
        var response = await service.GetAsync($"/api/users/{id}");
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return response.Json.GetProperty("version").GetInt32();
    }

    /// <summary>A store that signals when a read arrives. The deadline of the read is already running then.</summary>
    private sealed class AnnouncedStore(IUserStore inner, TaskCompletionSource arrived) : IUserStore
    {
        public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
        {
            arrived.TrySetResult();
            return inner.ReadAsync(key, ifNoneMatch, cancellationToken);
        }

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            inner.ReadManyAsync(keys, part, cancellationToken);

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            inner.FindAsync(key, limit, cancellationToken);
    }
}
