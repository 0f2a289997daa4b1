using System.Collections.Concurrent;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Http;
using Lookup.Functions.Resilience;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Users;

/// <summary>Batches with many ids, concurrent batches, and batches while the store is unhealthy.</summary>
public sealed class BatchTests
{
    private static readonly string[] Thousand = [.. Enumerable.Range(0, 1000).Select(i => $"u{i}")];

    [Fact]
    public async Task Concurrent_no_cache_batches_of_the_same_thousand_ids_all_succeed()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__PollInterval", "01:00:00"));
        var requests = await store.CountAsync("requests");

        var responses = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => ClientAsync()));

        Assert.All(responses.SelectMany(each => each), response => Assert.Equal(HttpStatusCode.OK, response.Status));

        // In each range, a batch causes at most one read, and one more for ids that joined a read sent too early.
        Assert.InRange(await store.CountAsync("requests") - requests, 1, 2 * 10 * 2 * (Store.Ranges + 2));

        async Task<List<TestResponse>> ClientAsync()
        {
            var all = new List<TestResponse>();
            for (var i = 0; i < 10; i++)
                all.Add(await PostAsync(service, Thousand, ("Cache-Control", "no-cache")));
            return all;
        }
    }

    [Fact]
    public async Task Batch_with_an_open_circuit_throws_few_exceptions_however_many_ids_it_has()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");
        await store.AddFaultAsync("""{"operation":"query","status":503}""");
        var guard = service.Services.GetRequiredService<StoreGuard>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync($"/api/users/{SharedService.NewId()}");
                return guard.State.Circuit == CircuitState.Open;
            },
            "the circuit opens");

        // Counts how often each exception instance is thrown or rethrown. Other tests in this process throw other instances.
        var thrown = new ConcurrentDictionary<UserStoreException, int>(ReferenceEqualityComparer.Instance);
        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (e.Exception is UserStoreException { IsRefusal: true } refusal)
                thrown.AddOrUpdate(refusal, 1, static (_, times) => times + 1);
        }

        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            (await PostAsync(service, Thousand)).ShouldBeProblem(503, "store-unavailable");
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        Assert.InRange(thrown.Values.Max(), 1, 20);
    }

    [Fact]
    public async Task Thousand_ids_that_no_address_can_name_share_one_query()
    {
        await using var store = await Store.StartAsync();
        string[] ids = [.. Thousand.Select(id => $"{id} ")];
        foreach (var id in ids.Take(3))
            await store.PutAsync(JsonSerializer.Serialize(new { id }), id);
        await using var service = await Service.StartAsync(store, null, ("Lookup__PollInterval", "01:00:00"));
        var queries = await store.CountAsync("queries");
        var spent = Spent(service);

        var response = await PostAsync(service, ids);

        Assert.Equal(ids.Take(3), response.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString()).Order());
        Assert.Equal(997, response.Json.GetProperty("missing").GetArrayLength());
        Assert.InRange(await store.CountAsync("queries") - queries, 1, 2 * Store.Ranges);
        Assert.InRange(Spent(service) - spent, 1, 40); // individual queries would cost 2,300
    }

    [Fact]
    public async Task Ids_that_no_address_can_name_are_distinguished_by_their_partition()
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"a%41","tenant":"one","name":"first"}""", "one");
        await store.PutAsync("""{"id":"a%41","tenant":"two","name":"second"}""", "two");
        await store.PutAsync("""{"id":"c ","tenant":"two","name":"third"}""", "two");
        await using var service = await Service.StartAsync(store, null, ("Lookup__PartitionKeyPath", "/tenant"));

        UserKey[] keys = [KeyOf("a%41", "two"), KeyOf("a%41", "one"), KeyOf("c ", "one"), KeyOf("c ", "two"), KeyOf("plain", "one")];
        var results = await service.Services.GetRequiredService<UserCache>().GetManyAsync(keys, default, Cancel.Token);

        Assert.Equal(
            ["second", "first", null, "third", null],
            results.Select(result => result.Document is { } user ? JsonDocument.Parse(user.Body).RootElement.GetProperty("name").GetString() : null));

        static UserKey KeyOf(string id, string partition) =>
            UserKey.TryCreate(id, partition, out var key, out var error) ? key : throw new ArgumentException(error);
    }

    [Fact]
    public async Task Users_read_before_the_deadline_are_cached()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("u1");
        await store.PutUserAsync("u2");
        await using var service = await Service.StartAsync(store, null, ("Lookup__ReadDeadline", "00:00:02"), ("Lookup__PollInterval", "01:00:00"));
        await PostAsync(service, ["warm", "warm too", "warm "]);
        await service.SendAsync(HttpMethod.Delete, "/api/cache", null);

        // Only the ids that need a query are delayed; the others are read immediately.
        await store.AddFaultAsync("""{"operation":"queryPlan","delayMs":600000}""");
        await store.AddFaultAsync("""{"operation":"query","delayMs":600000,"count":1000}""");
        (await PostAsync(service, ["u1", "no address "])).ShouldBeProblem(503, "store-unavailable");
        await store.ClearFaultsAsync();

        Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/u1")).CacheStatus);
    }

    [Fact]
    public async Task Key_without_request_units_left_gets_hits_and_429_and_other_keys_are_unaffected()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(
            store,
            null,
            ("Lookup__KeyRequestUnitsPerSecond", "0.5"),
            ("Lookup__Keys__0", "lookup-key-000001"),
            ("Lookup__Keys__1", "lookup-key-000002"),
            ("Lookup__AdminKeys__0", "admin-key-0000001"));
        var one = ("x-functions-key", "lookup-key-000001");
        var other = ("x-functions-key", "lookup-key-000002");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/users/ada", one)).Status);

        // The initial budget is five request units; each of these requests costs one.
        var response = await service.GetAsync("/api/users/u0", one);
        for (var i = 1; i < 50 && response.Status == HttpStatusCode.NotFound; i++)
            response = await service.GetAsync($"/api/users/u{i}", one);

        response.ShouldBeProblem(429, "too-many-requests");
        Assert.InRange(int.Parse(response["Retry-After"]!, System.Globalization.CultureInfo.InvariantCulture), 1, 10);
        (await PostAsync(service, Thousand, one)).ShouldBeProblem(429, "too-many-requests");
        (await service.GetAsync("/api/users?email=a", one)).ShouldBeProblem(429, "too-many-requests");
        Assert.StartsWith("lookup; hit", (await service.GetAsync("/api/users/ada", one)).CacheStatus);
        var outcomes = (await service.GetAsync("/api/stats", ("x-functions-key", "admin-key-0000001"))).Json.GetProperty("requests").EnumerateArray()
            .ToLookup(row => row.GetProperty("outcome").GetString(), row => row.GetProperty("count").GetInt64());
        Assert.Equal([1, 1, 1], outcomes["overBudget"]);
        Assert.Equal([0, 0, 0], outcomes["error"]);
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/api/users/v1", other)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/api/users/v2", ("x-functions-key", "admin-key-0000001"))).Status);
    }

    [Fact]
    public async Task Key_with_the_smallest_rate_gets_429_with_a_bounded_Retry_After()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__KeyRequestUnitsPerSecond", "0.001"));

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(service, Thousand)).Status);
        var response = await service.GetAsync("/api/users/u0x");

        response.ShouldBeProblem(429, "too-many-requests");
        Assert.Equal("3600", response["Retry-After"]);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(1e-13)]
    [InlineData(double.Epsilon)]
    public void Budget_that_is_far_overdrawn_allows_nothing_and_does_not_fail(double requestUnitsPerSecond)
    {
        var budget = new KeyBudget(requestUnitsPerSecond, TimeProvider.System);
        budget.Spend(1e9);

        Assert.False(budget.Allows(out var retryAfter));
        Assert.Equal(TimeSpan.FromHours(1), retryAfter);
    }

    private static double Spent(Service service) => service.Services.GetRequiredService<UserCache>().GetStatistics().RequestCharge;

    private static Task<TestResponse> PostAsync(Service service, IEnumerable<string> ids, params (string Name, string Value)[] headers) => service.SendAsync(
        HttpMethod.Post,
        "/api/users/lookup",
        new StringContent(JsonSerializer.Serialize(new { ids }), Encoding.UTF8, "application/json"),
        headers);
}
