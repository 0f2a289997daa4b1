using System.Net;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Users;

/// <summary>Tests of the responses if the store cannot respond: stale, if the request allows it; otherwise an error, and never "no such user".</summary>
public sealed class StoreFailureTests
{
    [Fact]
    public async Task Store_failure_returns_stale_only_if_the_request_allows_it()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var time = new SkippableTime();
        await using var service = await Service.StartAsync(store, services => services.AddSingleton<TimeProvider>(time));
        await service.GetAsync("/api/users/ada");
        await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");
        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        time.Skip(TimeSpan.FromMinutes(6)); // the cached user is too old now

        var refused = await service.GetAsync("/api/users/ada");
        var onError = await service.GetAsync("/api/users/ada", ("Cache-Control", "stale-if-error=3600"));
        var stale = await service.GetAsync("/api/users/ada", ("Cache-Control", "max-stale"));
        var tooStale = await service.GetAsync("/api/users/ada", ("Cache-Control", "max-stale=0, only-if-cached"));

        refused.ShouldBeProblem(503, "store-unavailable");
        Assert.Equal("1", refused["Retry-After"]);
        Assert.Equal(HttpStatusCode.OK, onError.Status);
        Assert.Matches("^lookup; fwd=stale; ttl=-[0-9]+; detail=store-failed$", onError.CacheStatus);
        Assert.Equal(HttpStatusCode.OK, stale.Status);
        Assert.Matches("^lookup; hit; ttl=-[0-9]+$", stale.CacheStatus);
        tooStale.ShouldBeProblem(504, "not-cached");
    }

    [Fact]
    public async Task Persistent_throttling_is_reported_with_Retry_After()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__ReadDeadline", "00:00:30"));
        await store.AddFaultAsync("""{"operation":"pointRead","status":429,"substatus":3200,"retryAfterMs":5}""");

        var response = await service.GetAsync("/api/users/ada");

        response.ShouldBeProblem(503, "store-unavailable");
        Assert.Equal("The user store is throttling requests.", response.Json.GetProperty("detail").GetString());
        Assert.Equal("1", response["Retry-After"]);
    }

    [Fact]
    public async Task Session_that_no_replica_knows_is_never_reported_as_user_not_found()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        await store.AddFaultAsync("""{"operation":"pointRead","status":404,"substatus":1002}""");

        var during = await service.GetAsync("/api/users/ada");
        await store.ClearFaultsAsync();
        var after = await service.GetAsync("/api/users/ada");

        during.ShouldBeProblem(503, "store-unavailable");
        Assert.Equal(HttpStatusCode.OK, after.Status);
    }

    [Fact]
    public async Task Missing_container_is_never_reported_as_user_not_found()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ("Lookup__Container", "others"));

        (await service.GetAsync("/api/users/ada")).ShouldBeProblem(503, "store-unavailable");
    }

    [Fact]
    public async Task Deleted_container_is_never_reported_as_user_not_found()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        await service.GetAsync("/api/users/ada");
        await store.Users.DeleteContainerAsync(cancellationToken: Cancel.Token);

        (await service.GetAsync("/api/users/bob")).ShouldBeProblem(503, "store-unavailable");
    }
}
