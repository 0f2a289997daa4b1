using System.Text;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Http;

/// <summary>One test for each row of the problem table in docs/http-api.md that no other test covers.</summary>
public sealed class ProblemTests(SharedService shared)
{
    [Theory]
    [InlineData("GET", "/api/nothing")]
    [InlineData("GET", "/nothing")]
    [InlineData("GET", "/api/cache/things")]
    public async Task Unknown_path_is_not_found(string method, string target)
    {
        (await shared.Service.SendAsync(new HttpMethod(method), target, null)).ShouldBeProblem(404, "not-found");
    }

    [Theory]
    [InlineData("POST", "/api/users/ada", "GET, HEAD")]
    [InlineData("DELETE", "/api/users/ada", "GET, HEAD")]
    [InlineData("PUT", "/api/users", "GET, HEAD")]
    [InlineData("GET", "/api/cache/users/ada", "DELETE")]
    [InlineData("GET", "/api/cache", "DELETE")]
    [InlineData("POST", "/api/stats", "GET, HEAD")]
    public async Task Unsupported_method_is_rejected_with_the_allowed_ones(string method, string target, string allowed)
    {
        var response = await shared.Service.SendAsync(new HttpMethod(method), target, null);

        response.ShouldBeProblem(405, "method-not-allowed");
        Assert.Equal(allowed, response["Allow"]);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json;q=0")]
    [InlineData("application/*, application/json;q=0")]
    public async Task Unavailable_representation_is_rejected(string accept)
    {
        (await shared.Service.GetAsync("/api/users/ada", ("Accept", accept))).ShouldBeProblem(406, "not-acceptable");
        (await shared.Service.GetAsync("/api/users?email=x", ("Accept", accept))).ShouldBeProblem(406, "not-acceptable");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/html, */*;q=0.1")]
    [InlineData("application/*")]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("not a media type")]
    public async Task Accept_header_that_includes_JSON_is_accepted(string accept)
    {
        (await shared.Service.GetAsync("/api/users/nobody", ("Accept", accept))).ShouldBeProblem(404, "user-not-found");
    }

    [Fact]
    public async Task Body_that_is_too_large_is_rejected()
    {
        var body = new StringContent(new string(' ', 256 * 1024) + "{}", Encoding.UTF8, "application/json");

        (await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", body)).ShouldBeProblem(413, "too-large");
    }

    [Fact]
    public async Task Chunked_body_that_is_too_large_is_rejected()
    {
        var chunk = "40000\r\n" + new string(' ', 0x40000) + "\r\n";
        var head = "POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

        var response = await RawHttp.ExchangeAsync(shared.Service.Address, Encoding.ASCII.GetBytes(head + chunk + "1\r\n \r\n0\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 413 ", Encoding.ASCII.GetString(response));
        Assert.Contains("urn:lookup:problem:too-large", Encoding.ASCII.GetString(response));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task Body_of_another_media_type_is_rejected(string type)
    {
        var body = new StringContent("""{"ids":["a"]}""", Encoding.UTF8, type);

        (await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", body)).ShouldBeProblem(415, "unsupported-media-type");
    }

    [Fact]
    public async Task Error_is_not_cacheable_and_reveals_no_internal_details()
    {
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;", null, ("Lookup__ReadDeadline", "00:00:00.300"));

        var response = await service.GetAsync("/api/users/ada");

        response.ShouldBeProblem(503, "store-unavailable");
        Assert.Equal("no-store", response["Cache-Control"]);
        Assert.DoesNotContain("127.0.0.1", response.Text);
        Assert.DoesNotContain("Exception", response.Text);
        Assert.DoesNotContain("a2V5", response.Text);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-0af7651916cd43dd8448eb211c80319c-")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", null)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 and more", null)]
    public async Task Error_is_logged_with_the_trace_id_of_the_caller(string traceparent, string? expected)
    {
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;", logs.AddTo, ("Lookup__ReadDeadline", "00:00:00.300"), ("Logging__LogLevel__Default", "Information"));

        var response = await service.GetAsync("/api/users/ada", ("traceparent", traceparent));

        response.ShouldBeProblem(503, "store-unavailable");
        var traceId = response.Json.GetProperty("traceId").GetString()!;
        Assert.StartsWith(expected ?? "", traceId);
        Assert.NotEqual(traceparent, expected is null ? traceId : null);
        Assert.Single(logs.Lines, line => line.Id.Id == 1201 && line.Text.Contains(traceId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task POST_to_lookup_and_a_user_named_lookup_are_distinguished()
    {
        await shared.Store.PutUserAsync("lookup");
        var body = new StringContent("""{"ids":["lookup"]}""", Encoding.UTF8, "application/json");

        Assert.Equal("lookup", (await shared.Service.GetAsync("/api/users/lookup")).Json.GetProperty("id").GetString());
        Assert.Single((await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", body)).Json.GetProperty("users").EnumerateArray());
    }
}
