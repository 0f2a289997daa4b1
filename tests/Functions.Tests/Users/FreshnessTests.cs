using System.Net;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Users;

public sealed class FreshnessTests(SharedService shared)
{
    [Fact]
    public async Task GetUser_returns_validators_and_age()
    {
        var id = await shared.PutNewUserAsync();

        var miss = await shared.Service.GetAsync($"/api/users/{id}");
        var hit = await shared.Service.GetAsync($"/api/users/{id}");

        Assert.Matches("^lookup; fwd=miss; fwd-status=200; stored; ttl=(300|2[0-9][0-9])$", miss.CacheStatus);
        Assert.Matches("^store;dur=[0-9.]+$", miss["Server-Timing"]);
        Assert.Matches("^lookup; hit; ttl=(300|2[0-9][0-9])$", hit.CacheStatus);
        Assert.Null(hit["Server-Timing"]);
        Assert.Equal("private, no-cache", hit["Cache-Control"]);
        Assert.Equal("nosniff", hit["X-Content-Type-Options"]);
        Assert.Equal("application/json", hit.ContentType);
        Assert.Equal(hit.Body.Length.ToString(null, null), hit["Content-Length"]);
        Assert.Matches("^W/\"[^\"]+\"$", hit["ETag"]);
        Assert.True(DateTimeOffset.TryParse(hit["Last-Modified"], null, out _));
        Assert.InRange(int.Parse(hit["Age"]!, null), 0, 300);
    }

    [Fact]
    public async Task HEAD_returns_the_headers_of_GET_without_a_body()
    {
        var id = await shared.PutNewUserAsync();
        var get = await shared.Service.GetAsync($"/api/users/{id}");

        var head = await shared.Service.SendAsync(HttpMethod.Head, $"/api/users/{id}", null);

        Assert.Equal(HttpStatusCode.OK, head.Status);
        Assert.Empty(head.Body);
        Assert.Equal(get["Content-Length"], head["Content-Length"]);
        Assert.Equal(get["ETag"], head["ETag"]);
    }

    [Fact]
    public async Task If_none_match_with_the_current_tag_returns_304_with_the_same_headers()
    {
        var id = await shared.PutNewUserAsync();
        var get = await shared.Service.GetAsync($"/api/users/{id}");

        var same = await shared.Service.GetAsync($"/api/users/{id}", ("If-None-Match", $"\"x,y\", {get["ETag"]}"));
        var star = await shared.Service.GetAsync($"/api/users/{id}", ("If-None-Match", "*"));
        var other = await shared.Service.GetAsync($"/api/users/{id}", ("If-None-Match", "\"x\", \"y\""));

        Assert.Equal(HttpStatusCode.NotModified, same.Status);
        Assert.Empty(same.Body);
        foreach (var header in (string[])["ETag", "Cache-Control", "Age", "Last-Modified", "Cache-Status"])
            Assert.NotNull(same[header]);
        Assert.Equal(get["ETag"], same["ETag"]);
        Assert.Equal(HttpStatusCode.NotModified, star.Status);
        Assert.Equal(HttpStatusCode.OK, other.Status);
    }

    [Fact]
    public async Task Version_that_the_store_returns_in_different_bytes_has_a_weak_tag()
    {
        // A query, by which a batch reads users of the same partition, returns the properties in another order than a point read.
        // Of more users than partitions, at least two are in the same one.
        string[] ids = [.. Enumerable.Range(0, Store.Ranges + 1).Select(i => $"u{i}")];
        await using var store = await Store.StartAsync();
        foreach (var id in ids)
            await store.PutAsync($$"""{"name":"Zoë","id":"{{id}}"}""", id);
        await using var service = await Service.StartAsync(store);
        using var batch = new StringContent(JsonSerializer.Serialize(new { ids }), Encoding.UTF8, "application/json");
        await service.SendAsync(HttpMethod.Post, "/api/users/lookup", batch);

        var differ = 0;
        foreach (var id in ids)
        {
            var one = await service.GetAsync($"/api/users/{id}");
            Assert.StartsWith("lookup; hit", one.CacheStatus);
            await service.SendAsync(HttpMethod.Delete, $"/api/cache/users/{id}", null);
            var other = await service.GetAsync($"/api/users/{id}", ("If-None-Match", "\"x\""));
            var same = await service.GetAsync($"/api/users/{id}", ("If-None-Match", one["ETag"]!));

            Assert.Equal(one["ETag"], other["ETag"]);
            Assert.StartsWith("W/\"", one["ETag"]);
            Assert.Equal(HttpStatusCode.NotModified, same.Status);
            differ += one.Text == other.Text ? 0 : 1;
        }

        Assert.NotEqual(0, differ);
    }

    [Theory]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "TAG", 412)]
    [InlineData("If-Match", "STRONG", 412)]
    [InlineData("If-Match", "\"x\", STRONG", 412)]
    [InlineData("If-Match", "", 412)]
    [InlineData("If-Unmodified-Since", "MODIFIED", 200)]
    [InlineData("If-Unmodified-Since", "BEFORE", 412)]
    [InlineData("If-Unmodified-Since", "2001-01-01", 200)]
    [InlineData("If-None-Match", "TAG", 304)]
    [InlineData("If-None-Match", "STRONG", 304)]
    [InlineData("If-None-Match", "\"x\", W/\"y\",TAG", 304)]
    [InlineData("If-Modified-Since", "MODIFIED", 200)]
    public async Task Preconditions_are_evaluated_as_specified(string name, string value, int status)
    {
        var id = await shared.PutNewUserAsync();
        var get = await shared.Service.GetAsync($"/api/users/{id}");
        var modified = DateTimeOffset.Parse(get["Last-Modified"]!, null);
        value = value
            .Replace("TAG", get["ETag"], StringComparison.Ordinal)
            .Replace("STRONG", get["ETag"]![2..], StringComparison.Ordinal)
            .Replace("MODIFIED", modified.ToString("R"), StringComparison.Ordinal)
            .Replace("BEFORE", modified.AddSeconds(-1).ToString("R"), StringComparison.Ordinal);

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            var response = await shared.Service.SendAsync(method, $"/api/users/{id}", null, (name, value));

            Assert.Equal(status, (int)response.Status);
            Assert.Equal(get["ETag"], response["ETag"]);
            Assert.Equal(status == 412 ? "no-store" : "private, no-cache", response["Cache-Control"]);
            Assert.StartsWith("lookup; hit", response.CacheStatus);
            if (status == 412 && method == HttpMethod.Get)
                response.ShouldBeProblem(412, "precondition-failed");
        }
    }

    [Fact]
    public async Task Preconditions_are_ignored_if_the_response_would_be_an_error_and_If_Match_precedes_the_others()
    {
        var id = await shared.PutNewUserAsync();
        var past = ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT");

        (await shared.Service.GetAsync("/api/users/nobody", ("If-Match", "\"x\""), past)).ShouldBeProblem(404, "user-not-found");
        Assert.Equal(HttpStatusCode.OK, (await shared.Service.GetAsync($"/api/users/{id}", ("If-Match", "*"), past)).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await shared.Service.GetAsync($"/api/users/{id}", ("If-Match", "*"), ("If-None-Match", "*"))).Status);
        (await shared.Service.GetAsync($"/api/users/{id}", past, ("If-None-Match", "*"))).ShouldBeProblem(412, "precondition-failed");
    }

    [Fact]
    public async Task No_cache_revalidates_and_returns_a_change_immediately()
    {
        var id = await shared.PutNewUserAsync();
        await shared.Service.GetAsync($"/api/users/{id}");

        var unchanged = await shared.Service.GetAsync($"/api/users/{id}", ("Cache-Control", "no-cache"));
        await shared.Store.PutUserAsync(id, version: 2);
        var changed = await shared.Service.GetAsync($"/api/users/{id}", ("Pragma", "no-cache"));

        Assert.Matches("^lookup; fwd=request; fwd-status=304; stored; ttl=(300|2[0-9][0-9])$", unchanged.CacheStatus);
        Assert.Equal(2, changed.Json.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Result_of_a_no_store_request_is_not_cached()
    {
        var id = await shared.PutNewUserAsync();

        var first = await shared.Service.GetAsync($"/api/users/{id}", ("Cache-Control", "no-store"));
        var second = await shared.Service.GetAsync($"/api/users/{id}", ("Cache-Control", "only-if-cached"));

        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.DoesNotContain("stored", first.CacheStatus);
        second.ShouldBeProblem(504, "not-cached");
    }

    [Fact]
    public async Task Max_age_of_zero_reads_again()
    {
        var id = await shared.PutNewUserAsync();
        await shared.Service.GetAsync($"/api/users/{id}");

        var response = await shared.Service.GetAsync($"/api/users/{id}", ("Cache-Control", "max-age=0"));

        Assert.Contains("fwd=request", response.CacheStatus);
    }

    /// <summary>
    /// A standard cache between the service and its client (RFC 9111 §4.2) must never treat a response as fresh for longer than the
    /// configured max-age plus the fraction of a second by which Age is rounded down.
    /// </summary>
    /// <remarks>
    /// The user is read between two clock readings, and each response is created between two others. The assertions hold for any
    /// point in between, so it does not matter how long a request waits for the processor.
    /// </remarks>
    [Fact]
    public async Task Standard_cache_does_not_treat_a_response_as_fresh_for_too_long()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var time = new SkippableTime();
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<TimeProvider>(time),
            ("Lookup__CacheControl", "private, max-age=3"),
            ("Lookup__PollInterval", "01:00:00")); // only the read determines the age of the user
        var beforeRead = time.GetTimestamp();
        await service.GetAsync("/api/users/ada");
        var afterRead = time.GetTimestamp();

        for (var isFresh = true; isFresh; time.Skip(TimeSpan.FromSeconds(0.1)))
        {
            var sent = time.GetTimestamp();
            var response = await service.GetAsync("/api/users/ada");
            var received = time.GetTimestamp();
            Assert.StartsWith("lookup; hit", response.CacheStatus);

            var age = TimeSpan.FromSeconds(int.Parse(response["Age"]!, null));
            Assert.InRange(age, time.GetElapsedTime(afterRead, sent) - TimeSpan.FromSeconds(1), time.GetElapsedTime(beforeRead, received));

            // The age that a cache assigns to the response on arrival: RFC 9111 §4.2.3.
            var correctedAge = age + time.GetElapsedTime(sent, received);
            isFresh = correctedAge < TimeSpan.FromSeconds(3);
            if (isFresh)
                Assert.InRange(time.GetElapsedTime(afterRead, received), TimeSpan.Zero, TimeSpan.FromSeconds(3 + 1));
        }
    }
}
