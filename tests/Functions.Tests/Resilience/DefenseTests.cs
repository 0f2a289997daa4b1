using System.Net;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Resilience;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>The defenses over real sockets: the Cosmos DB client, an endpoint with injected faults, and HTTP.</summary>
public sealed class DefenseTests
{
    [Theory]
    [InlineData(""" "status":503 """)]
    [InlineData(""" "status":408 """)]
    [InlineData(""" "status":410 """)]
    [InlineData(""" "status":449 """)]
    [InlineData(""" "status":500 """)]
    [InlineData(""" "status":404,"substatus":1002 """)]
    [InlineData(""" "status":429,"substatus":3200,"retryAfterMs":5 """)]
    [InlineData(""" "drop":"before" """)]
    [InlineData(""" "drop":"during" """)]
    public async Task Transient_failures_within_the_deadline_are_retried(string fault)
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        await store.AddFaultAsync($$"""{"operation":"pointRead","count":2,{{fault}}}""");

        var response = await service.GetAsync("/api/users/ada");

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.StartsWith("lookup; fwd=miss; fwd-status=200; stored", response.CacheStatus);
        Assert.Equal(CircuitState.Closed, StateOf(service).Circuit);
    }

    [Fact]
    public async Task Hung_store_leaves_hits_and_the_feed_working_and_excess_reads_are_rejected()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__StoreConcurrency", "2"), ("Lookup__StoreQueue", "1"));
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync("""{"operation":"pointRead","delayMs":600000}""");
        using var leave = new CancellationTokenSource();
        var hanging = new[] { "u1", "u2", "u3" }.Select(id => service.Http.GetAsync(new Uri(service.Address, $"/api/users/{id}"), leave.Token)).ToArray();
        await Eventually.IsTrueAsync(() => StateOf(service) is { InFlight: 2, Queued: 1 }, "two reads hang and one waits");

        var refused = await service.GetAsync("/api/users/u4");
        var batch = await service.SendAsync(HttpMethod.Post, "/api/users/lookup", Json("""{"ids":["ada","u5","u6"]}"""));
        var found = await service.GetAsync("/api/users?email=x");
        await service.CatchUpAsync("/api/users/ada");
        var hit = await service.GetAsync("/api/users/ada");

        foreach (var response in (TestResponse[])[refused, batch, found])
        {
            response.ShouldBeProblem(503, "store-unavailable");
            Assert.Equal("Too many reads are in flight in this instance.", response.Json.GetProperty("detail").GetString());
            Assert.Equal("1", response["Retry-After"]);
        }

        Assert.Equal(HttpStatusCode.OK, hit.Status);
        Assert.StartsWith("lookup; hit", hit.CacheStatus);
        Assert.All(hanging, request => Assert.False(request.IsCompleted));
        Assert.Equal(3, StateOf(service).Shed);

        // Disconnected clients release their permits and queue slots.
        await leave.CancelAsync();
        foreach (var request in hanging)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.IsTrueAsync(() => StateOf(service) is { InFlight: 0, Queued: 0 }, "the permits are released");
        await store.ClearFaultsAsync();
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/users/ada", ("Cache-Control", "no-cache"))).Status);
    }

    [Fact]
    public async Task Open_circuit_returns_allowed_stale_results_and_rejects_other_reads_until_recovery()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var time = new SkippableTime();
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<TimeProvider>(time).AddSingleton(new StoreGuardOptions { Break = TimeSpan.FromHours(1) }),
            ("Lookup__CatchUpTimeout", "00:00:00"));
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");
        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync("/api/users/bob");
                return StateOf(service).Circuit == CircuitState.Open;
            },
            "the circuit is open");

        time.Skip(TimeSpan.FromMinutes(6)); // the cached users are too old now
        var reads = await store.CountAsync("pointReads");
        var stale = await service.GetAsync("/api/users/ada", ("Cache-Control", "stale-if-error=3600"));
        var refused = await service.GetAsync("/api/users/ada");

        Assert.Equal(HttpStatusCode.OK, stale.Status);
        Assert.Matches("^lookup; fwd=stale; ttl=-[0-9]+; detail=store-failed$", stale.CacheStatus);
        refused.ShouldBeProblem(503, "store-unavailable");
        Assert.InRange(int.Parse(refused["Retry-After"]!, null), 1, 54 * 60);
        Assert.Equal(reads, await store.CountAsync("pointReads"));

        await store.ClearFaultsAsync();
        time.Skip(TimeSpan.FromHours(1));
        await Eventually.IsTrueAsync(
            async () => (await service.GetAsync("/api/users/bob")).Status == HttpStatusCode.NotFound, "the store is read again");
        Assert.Equal(CircuitState.Closed, StateOf(service).Circuit);
    }

    [Fact]
    public async Task Store_that_hangs_under_load_opens_the_circuit_and_stale_results_do_not_wait_for_the_deadline()
    {
        // As with 64 places at 400 reads a second, more reads arrive than the places can hang: most of them get a place shortly before their deadline.
        var options = new StoreGuardOptions { ReadDeadline = TimeSpan.FromSeconds(2), Concurrency = 2, Queue = 8, Break = TimeSpan.FromHours(1) };
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var time = new SkippableTime();
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<TimeProvider>(time).AddSingleton(options),
            ("Lookup__ReadDeadline", "00:00:02"),
            ("Lookup__CatchUpTimeout", "00:00:00"));
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        time.Skip(TimeSpan.FromMinutes(6)); // the cached user is too old now
        for (var i = 0; i < 50; i++)
            Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/api/users/healthy-{i}")).Status);
        await store.AddFaultAsync("""{"operation":"pointRead","delayMs":600000}""");

        var next = 0;
        var load = Enumerable.Range(0, 20).Select(async _ =>
        {
            while (StateOf(service).Circuit == CircuitState.Closed)
                await service.GetAsync($"/api/users/hanging-{Interlocked.Increment(ref next)}");
        });
        await Eventually.EndsAsync(Task.WhenAll(load), "the circuit is open");
        await Eventually.IsTrueAsync(() => StateOf(service) is { InFlight: 0, Queued: 0 }, "no read is in flight or queued");
        var reads = await store.CountAsync("pointReads");
        var refused = StateOf(service).Refused;
        var stale = await service.GetAsync("/api/users/ada", ("Cache-Control", "stale-if-error=3600"));

        Assert.Equal(HttpStatusCode.OK, stale.Status);
        Assert.Matches("^lookup; fwd=stale; ttl=-[0-9]+; detail=store-failed$", stale.CacheStatus);
        Assert.Equal(reads, await store.CountAsync("pointReads"));
        Assert.Equal(refused + 1, StateOf(service).Refused);
        Assert.Equal((0, 0), (StateOf(service).InFlight, StateOf(service).Queued));
    }

    [Fact]
    public async Task Rejections_by_the_open_circuit_are_not_logged_individually()
    {
        var logs = new LogCapture();
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(
            store,
            services =>
            {
                logs.AddTo(services);
                services.AddSingleton(new StoreGuardOptions { Retries = 0, FewestAttempts = 2, Break = TimeSpan.FromHours(1) });
            },
            ("Logging__LogLevel__Default", "Information"));
        await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");

        for (var i = 0; i < 10; i++)
            (await service.GetAsync($"/api/users/unread-{i}")).ShouldBeProblem(503, "store-unavailable");

        Assert.Equal(8, StateOf(service).Refused);
        Assert.Equal(2, logs.Lines.Count(line => line.Id.Id == 1201));
        Assert.Single(logs.Lines, line => line.Id.Id == 1601);
    }

    [Fact]
    public async Task Cached_users_stay_fresh_while_the_circuit_is_open_and_the_feed_works()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var time = new SkippableTime();
        await using var service = await Service.StartAsync(
            store, services => services.AddSingleton<TimeProvider>(time), ("Lookup__MaxUnseenDelete", "01:00:00"));
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");
        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync("/api/users/bob");
                return StateOf(service).Opened > 0;
            },
            "the circuit is open");
        time.Skip(TimeSpan.FromMinutes(6)); // the read is older than the staleness bound now

        await service.CatchUpAsync("/api/users/ada");
        var hit = await service.GetAsync("/api/users/ada");

        Assert.Equal(HttpStatusCode.OK, hit.Status);
        Assert.Matches("^lookup; hit; ttl=(300|2[0-9][0-9])$", hit.CacheStatus);
    }

    [Fact]
    public async Task Flood_of_unknown_ids_neither_evicts_users_nor_waits_without_bound()
    {
        var logs = new LogCapture();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(
            store,
            services =>
            {
                logs.AddTo(services);
                services.AddSingleton<IUserStore>(provider => new GuardedUserStore(
                    new StalledStore(provider.GetRequiredService<CosmosUserStore>(), "ada", gate.Task), provider.GetRequiredService<StoreGuard>()));
            },
            ("Lookup__StoreConcurrency", "4"),
            ("Lookup__StoreQueue", "4"),
            ("Lookup__CacheSizeBytes", "1048576"),
            ("Logging__LogLevel__Default", "Information"));
        await service.GetAsync("/api/users/ada");

        var asked = Enumerable.Range(0, 2000).Select(i => service.GetAsync($"/api/users/unknown-{i}")).ToArray();
        await Eventually.IsTrueAsync(() => StateOf(service).Shed > 0, "the queue is full");
        gate.SetResult();
        var flood = await Task.WhenAll(asked);
        var hit = await service.GetAsync("/api/users/ada");

        Assert.All(flood, response => Assert.Contains(response.Status, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.ServiceUnavailable]));
        Assert.Contains(flood, response => response.Status == HttpStatusCode.NotFound);
        Assert.StartsWith("lookup; hit", hit.CacheStatus);
        Assert.Equal(0, StateOf(service).InFlight);
        Assert.DoesNotContain(logs.Lines, line => line.Id.Id == 1201 && line.Text.Contains("Overloaded", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Id.Id == 1605);
    }

    [Fact]
    public async Task Throttling_beyond_the_deadline_is_reported_with_Retry_After()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__ReadDeadline", "00:00:40"));
        await store.AddFaultAsync("""{"operation":"pointRead","status":429,"substatus":3200,"retryAfterMs":39500}""");

        var response = await service.GetAsync("/api/users/ada");

        response.ShouldBeProblem(503, "store-unavailable");
        Assert.Equal("The user store is throttling requests.", response.Json.GetProperty("detail").GetString());
        Assert.Equal("40", response["Retry-After"]);
        Assert.Equal(0, StateOf(service).Retries);
    }

    private static StoreGuardState StateOf(Service service) => service.Services.GetRequiredService<StoreGuard>().State;

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    /// <summary>A store that holds the reads of all users except one until a gate is opened.</summary>
    private sealed class StalledStore(IUserStore inner, string except, Task gate) : IUserStore
    {
        public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
        {
            if (key.Id != except)
                await gate.WaitAsync(cancellationToken);
            return await inner.ReadAsync(key, ifNoneMatch, cancellationToken);
        }

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            inner.ReadManyAsync(keys, part, cancellationToken);

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            inner.FindAsync(key, limit, cancellationToken);
    }
}
