using System.Net;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Probe;
using Lookup.Functions.Support;
using Lookup.Functions.Telemetry;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Probe;

public sealed class ProbeTests
{
    private static readonly (string, string)[] Settings =
        [("Lookup__ProbeRequestUnitsPerSecond", "1000"), ("Lookup__MaxStaleness", "00:00:00.500")];

    [Fact]
    public async Task Probe_finds_no_violation_in_a_correct_cache_under_constant_writes()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, Settings);
        var counters = service.Services.GetRequiredService<ProbeCounters>();
        var version = 0;

        await Eventually.IsTrueAsync(
            async () =>
            {
                await store.PutUserAsync($"user{version % 3}", ++version);
                for (var i = 0; i < 4; i++)
                    await service.GetAsync($"/api/users/user{i}");
                return counters.Sampled >= 150;
            },
            "150 users are sampled");

        Assert.Equal(0, counters.Violations);
        Assert.True(counters.RequestCharge >= 150);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Probe_detects_a_cache_that_misses_changes(bool wasKnown)
    {
        await using var store = await Store.StartAsync();
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(
            store,
            services =>
            {
                logs.AddTo(services);
                services.AddSingleton<CosmosChangeFeed>(provider =>
                    new CosmosChangeFeed(
                        provider.GetRequiredService<CosmosConnection>(), provider.GetRequiredService<DocumentShape>(), FeedMode.LatestVersion));
                services.AddSingleton<IChangeFeed>(provider => new LossyFeed(provider.GetRequiredService<CosmosChangeFeed>()));
            },
            [.. Settings, ("Logging__LogLevel__Default", "Warning")]);
        var counters = service.Services.GetRequiredService<ProbeCounters>();
        var users = 0;
        var isStale = false;

        await Eventually.IsTrueAsync(
            async () =>
            {
                // If the feed did not confirm the user in time, the user was read again and is current. Then another user is changed.
                if (!isStale)
                    await ChangeUnobservedAsync($"user{++users}");
                isStale = !Shows(await service.GetAsync($"/api/users/user{users}"), version: 2);
                return counters.Violations > 0;
            },
            "the probe finds the stale user");

        Assert.True(counters.MaxStaleness > TimeSpan.FromSeconds(0.5));
        Assert.Contains(logs.Lines, line => line.Id.Id == 1501);
        Assert.True((await service.GetAsync("/api/stats")).Json.GetProperty("probe").GetProperty("violations").GetInt64() > 0);

        async Task ChangeUnobservedAsync(string id)
        {
            if (wasKnown)
                await store.PutUserAsync(id);
            await service.GetAsync($"/api/users/{id}");
            await store.PutUserAsync(id, 2);
        }
    }

    [Fact]
    public async Task Probe_waits_until_a_user_is_looked_up()
    {
        var served = new LookupSampler();
        served.Note(UserKey.Create("before"));

        var next = served.NextAsync(Cancel.Token);

        Assert.False(next.IsCompleted);
        served.Note(UserKey.Create("ada"));
        served.Note(UserKey.Create("after"));
        Assert.Equal("ada", (await next).Id);
    }

    private static bool Shows(TestResponse response, int version) =>
        response.Status == HttpStatusCode.OK && response.Json.GetProperty("version").GetInt32() == version;

    /// <summary>A feed that drops every change and reports an empty page.</summary>
    private sealed class LossyFeed(IChangeFeed inner) : IChangeFeed
    {
        public ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public async ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken) =>
            await inner.ReadAsync(position, cancellationToken) with { Changes = [] };
    }
}
