using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Lookup.Host.Tests.Driver;

namespace Lookup.Host.Tests;

/// <summary>Tests of requests that the Functions host proxies to the published app.</summary>
public sealed class HostRequestTests(PublishedApp app, HostileIds hostile) : IClassFixture<HostileIds>
{
    [Fact]
    public async Task Request_proxied_belongs_to_the_trace_of_the_host_whatever_other_headers_it_has()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await using var store = await Store.StartAsync();
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString);

        using var refused = await driver.CallAsync(
            HttpMethod.Get,
            "users/a%23b",
            null,
            ("traceparent", $"00-{Trace}-b7ad6b7169203331-01"),
            ("Authorization", "Bearer of-the-caller"),
            ("Cookie", "session=of-the-caller"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"\"traceId\":\"00-{Trace}-", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("of-the-caller", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_proxied_and_its_response_keep_method_and_fields()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("u1");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString);

        using var read = await driver.GetUserAsync("u1");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal("application/json", read.Content.Headers.ContentType?.MediaType);
        Assert.Equal("lookup", read.Headers.GetValues("Cache-Status").Single().Split(';')[0]);

        using var unchanged = await driver.CallAsync(HttpMethod.Get, "users/u1", null, ("If-None-Match", read.Headers.ETag!.Tag));
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var head = await driver.CallAsync(HttpMethod.Head, "users/u1");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(read.Content.Headers.ContentLength, head.Content.Headers.ContentLength);

        using var unknown = await driver.GetUserAsync("nobody");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("application/problem+json", unknown.Content.Headers.ContentType?.MediaType);

        using var several = await driver.CallAsync(HttpMethod.Post, "users/lookup", """{"ids":["u1","nobody"]}""");
        Assert.Equal(HttpStatusCode.OK, several.StatusCode);
    }

    /// <summary>
    /// Each of these paths resembles that of another user. The response is for exactly the id in the path: that user if it exists, or
    /// 404 if it does not. None returns u42.
    /// </summary>
    [Theory]
    [InlineData("u42", 200, "u42")]
    [InlineData("%7542", 200, "u42")]
    [InlineData("u42%20", 200, "u42 ")]
    [InlineData("u4%2532", 200, "u4%32")]
    [InlineData("u42%2525", 200, "u42%25")]
    [InlineData("u42%252F", 400, null)]
    [InlineData("u42%C3%A9", 200, "u42\u00e9")]
    [InlineData("u42+", 404, null)]
    [InlineData("u42;a", 404, null)]
    [InlineData("u42%25", 404, null)]
    [InlineData("u42%252Fzzz", 400, null)]
    [InlineData("u42%2520", 404, null)]
    [InlineData("u4%252532", 404, null)]
    [InlineData("u42%23", 400, null)]
    [InlineData("u42%23zzz", 400, null)]
    [InlineData("u42#zzz", 400, null)]
    [InlineData("u42%3F", 400, null)]
    [InlineData("u42%3Fzzz", 400, null)]
    [InlineData("u42%5C", 400, null)]
    [InlineData("u42%5Czzz", 400, null)]
    [InlineData("u42\\zzz", 400, null)]
    [InlineData("u42\\..\\u42", 400, null)]
    [InlineData("u42%0A", 400, null)]
    [InlineData("u42/", 400, null)]
    [InlineData("u42/.", 400, null)]
    [InlineData("u42/../zzz", 404, null)]
    [InlineData("u42/%2E%2E/zzz", 404, null)]
    [InlineData("u42%00", 400, null)]
    public async Task Request_proxied_returns_exactly_the_user_whose_id_was_sent(string sent, int status, string? id)
    {
        using var response = await hostile.Driver.CallAsync(HttpMethod.Get, $"users/{sent}");
        Assert.Equal((status, id), ((int)response.StatusCode, await IdOfAsync(response)));
    }

    /// <summary>An escape that the host cannot decode stays text. An escaped slash arrives as "%252F" does, so the process refuses both.</summary>
    [Theory]
    [InlineData("u42%2F", 400, null)]
    [InlineData("u42%2Fzzz", 400, null)]
    [InlineData("u42%2F..", 400, null)]
    [InlineData("u41%2F..%2Fu42", 400, null)]
    [InlineData("u42%zz", 404, null)]
    [InlineData("u42%E2%82", 404, null)]
    public async Task Request_proxied_with_an_undecodable_id_does_not_return_another_user(string sent, int status, string? id)
    {
        using var response = await hostile.Driver.CallAsync(HttpMethod.Get, $"users/{sent}");
        Assert.Equal((status, id), ((int)response.StatusCode, await IdOfAsync(response)));
    }

    /// <summary>
    /// The host decodes a path before it selects a function, and the process decodes it again. The difference must not bypass a key.
    /// </summary>
    [Theory]
    [MemberData(nameof(PathsPastAKey))]
    public async Task Path_that_begins_like_an_anonymous_one_or_a_lookup_reaches_no_other_function(string path)
    {
        foreach (var key in (string[])["", HostFront.FunctionKey])
        {
            using var response = await hostile.KeyedFront.SendAsync(HttpMethod.Get, path, body: default(string), ("x-functions-key", key));
            var text = await response.Content.ReadAsStringAsync(Cancel.Token);

            Assert.True((int)response.StatusCode is 400 or 401 or 404, $"{(int)response.StatusCode} {text}");
            Assert.DoesNotContain("email", text, StringComparison.Ordinal); // a user
            Assert.DoesNotContain("requestUnits", text, StringComparison.OrdinalIgnoreCase); // the statistics
        }
    }

    public static TheoryData<string> PathsPastAKey() =>
    [
        "docs/..%5Cstats", "docs/..%5cstats", "docs\\..\\stats", "docs/%2e%2e/stats", "docs/%252e%252e/stats", "docs/..%2Fstats", "docs/..%252Fstats", "docs/../stats",
        "docs/docs.js/../../stats", "docs/docs.js%2F..%2F..%2Fstats", "docs/docs.js%5C..%5C..%5Cstats", "docs/;/../stats", "docs/./../stats", "docs//../stats",
        "health/..%5Cstats", "health/%2e%2e/stats", "health/%252e%252e/stats", "health/live%5C..%5C..%5Cstats", "health/live/../../stats", "health/live%2F..%2F..%2Fstats",
        "health/live%00", "users/..%5Cstats", "users/..%255Cstats", "users/%2e%2e/stats", "users/%252e%252e%252fstats", "users/..%2Fstats",
        "users/../stats", "users/u42/../../stats", "users/lookup/..%5C..%5Cstats", "%2e%2e/api/stats", "..%5Capi%5Cstats",
    ];

    /// <summary>A host before 4.1040 ignores <c>enableProxyingHttpRequest</c>. Its alternatives must never return a user.</summary>
    [Fact]
    public async Task Host_that_does_not_proxy_returns_500_instead_of_another_user_and_the_log_explains_it()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("u42");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString);
        await using var old = await HandlerCalls.StartFrontAsync(app, driver.Port, knowsProxying: false);

        foreach (var sent in (string[])["u42%23zzz", "u42%3Fzzz", "u42"])
        {
            using var response = await old.SendAsync(HttpMethod.Get, $"users/{sent}");
            Assert.Equal((HttpStatusCode.InternalServerError, null), (response.StatusCode, await IdOfAsync(response)));
        }

        await Eventually.IsTrueAsync(() => driver.Lines.Any(IsExplained), "the log contains the explanation");
        Assert.Contains("4.1037.0", driver.Lines.Single(IsExplained), StringComparison.Ordinal);

        static bool IsExplained(string line) => line.Contains("\"EventId\":1402", StringComparison.Ordinal);
    }

    /// <summary>
    /// The host still sends the body after the process has responded. If the connection is cut then, the host treats that as a failure
    /// and returns 500.
    /// </summary>
    [Theory]
    [InlineData("POST", "users/lookup", "application/json", 413)]
    [InlineData("POST", "users/lookup", "text/plain", 415)]
    [InlineData("GET", "users/u1", "application/json", 200)]
    [InlineData("GET", "users/a%23b", "application/json", 400)]
    [InlineData("DELETE", "cache/users/u1", "application/json", 200)]
    [InlineData("GET", "health/live", "text/plain", 200)]
    public async Task Request_with_a_body_that_is_not_read_receives_the_response_of_the_process(string method, string path, string type, int status)
    {
        using var body = new ByteArrayContent(new byte[20_000_000]);
        body.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var response = await hostile.Driver.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, (int)response.StatusCode);
    }

    // The host enforces keys by authLevel; the process behind it does not require any.
    [Theory]
    [InlineData("GET", "users?email=u1@example.com", 200)]
    [InlineData("HEAD", "users?email=u1@example.com", 200)]
    [InlineData("DELETE", "cache/users/u1", 200)]
    [InlineData("DELETE", "cache", 200)]
    [InlineData("GET", "stats", 200)]
    [InlineData("GET", "health/live", 200)]
    [InlineData("GET", "health/ready", 200)]
    [InlineData("GET", "health/neither", 404)]
    [InlineData("GET", "openapi.json", 200)]
    [InlineData("PUT", "users/u1", 404)]
    [InlineData("POST", "GetUser", 404)]
    [InlineData("GET", "docs", 302)]
    [InlineData("GET", "docs/", 200)]
    [InlineData("HEAD", "docs/", 200)]
    [InlineData("GET", "docs/scalar.aspnetcore.js", 200)]
    [InlineData("HEAD", "docs/scalar.js", 200)]
    [InlineData("GET", "docs/anything", 404)]
    [InlineData("GET", "docs/docsxjs", 404)]
    [InlineData("GET", "docs/a/b", 404)]
    public async Task Function_called_without_a_key_returns_the_expected_status(string method, string path, int status)
    {
        using var response = await hostile.Driver.CallAsync(new HttpMethod(method), path);
        Assert.Equal(status, (int)response.StatusCode);
    }

    private static async Task<string?> IdOfAsync(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            return null;
        using var user = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel.Token));
        return user.RootElement.GetProperty("id").GetString();
    }
}
