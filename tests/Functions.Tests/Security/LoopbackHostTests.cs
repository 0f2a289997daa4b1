using System.Net;
using System.Text;
using Lookup.Domain.Freshness;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Security;

/// <summary>Requests from a page of another site, in a browser on the machine where the service runs without keys.</summary>
public sealed class LoopbackHostTests(SharedService shared)
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:7071")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("192.0.2.1")]
    [InlineData("[2001:db8::1]:7071")]
    public async Task Host_that_is_not_loopback_is_rejected_if_no_key_is_required(string host)
    {
        foreach (var path in (string[])["/", "/api/users/nobody", "/api/stats", "/api/health/live", "/api/docs/"])
            (await AskAsync(shared.Service, path, host)).ShouldBeProblem(421, "misdirected-request");
        var json = new StringContent("""{"Data":{"changes":"no array"}}""", Encoding.UTF8, "application/json");
        (await shared.Service.SendAsync(HttpMethod.Post, "/EvictStaleUsers", json, ("Host", host))).ShouldBeProblem(421, "misdirected-request");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:7071")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.1.2.3")]
    [InlineData("[::1]:7071")]
    [InlineData("[::1]")]
    public async Task Loopback_host_is_accepted(string host) =>
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(shared.Service, "/api/health/live", host)).Status);

    [Fact]
    public async Task Any_host_is_accepted_if_a_key_is_required()
    {
        await using var service = await Service.StartUnarmedAsync(shared.Store.ConnectionString, null, ("Lookup__Keys__0", "lookup-key-000001"));

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(service, "/api/health/live", "users.example")).Status);
        (await AskAsync(service, "/api/users/nobody", "users.example")).ShouldBeProblem(401, "unauthorized");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task Trigger_rejects_content_types_that_a_page_can_post(string? contentType)
    {
        await using var service = await Service.StartAsync(
            shared.Store, null, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}"));
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"Data":{"changes":"no array"}}"""));
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        (await service.SendAsync(HttpMethod.Post, "/EvictStaleUsers", content)).ShouldBeProblem(415, "unsupported-media-type");
        Assert.Equal(epoch, freshness.Epoch);

        // The same body sent as JSON ends the epoch.
        var json = new StringContent("""{"Data":{"changes":"no array"}}""", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Post, "/EvictStaleUsers", json)).Status);
        Assert.NotEqual(epoch, freshness.Epoch);
    }

    private static Task<TestResponse> AskAsync(Service service, string path, string host) => service.GetAsync(path, ("Host", host));

    /// <summary>A page whose host name resolves to this machine is same-origin and can post JSON, but <c>Host</c> contains that name.</summary>
    [Theory]
    [InlineData("/EvictStaleUsers", false)]
    [InlineData("/EvictStaleUsers", true)]
    [InlineData("/GetUser", false)]
    public async Task Host_only_endpoint_rejects_another_host_name(string path, bool hasKeys)
    {
        (string, string)[] keys = hasKeys ? [("Lookup__Keys__0", "lookup-key-000001"), ("Lookup__AdminKeys__0", "admin-key-0000001")] : [];
        await using var service = await Service.StartAsync(
            shared.Store, null, [("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}"), .. keys]);
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;
        var content = new StringContent("""{"Data":{"changes":"no array"}}""", Encoding.UTF8, "application/json");

        var response = await service.SendAsync(HttpMethod.Post, path, content, ("Host", "evil.example:7071"), ("Origin", "http://evil.example:7071"));

        response.ShouldBeProblem(421, "misdirected-request");
        Assert.Equal(epoch, freshness.Epoch);
    }
}
