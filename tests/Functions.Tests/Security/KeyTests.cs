using System.Net;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

public sealed class KeyTests(SharedService shared)
{
    private static readonly (string Key, string Value)[] Keys =
        [("Lookup__Keys__0", "lookup-key-000001"), ("Lookup__Keys__1", "lookup-key-000002"), ("Lookup__AdminKeys__0", "admin-key-0000001")];

    [Theory]
    [InlineData(null, 401)]
    [InlineData("", 401)]
    [InlineData("wrong", 401)]
    [InlineData("LOOKUP-KEY-000001", 401)]
    [InlineData("lookup-key-000001", 404)]
    [InlineData("lookup-key-000002", 404)]
    [InlineData("admin-key-0000001", 404)]
    public async Task Lookup_requires_a_key(string? key, int expected)
    {
        await using var service = await StartAsync();

        var byHeader = key is null ? await service.GetAsync("/api/users/nobody") : await service.GetAsync("/api/users/nobody", ("x-functions-key", key));
        var byQuery = await service.GetAsync($"/api/users/nobody?code={key}");

        Assert.Equal(expected, (int)byHeader.Status);
        Assert.Equal(expected, (int)byQuery.Status);
        if (expected == 401)
        {
            byHeader.ShouldBeProblem(401, "unauthorized");
            Assert.Equal("ApiKey header=\"x-functions-key\"", byHeader["WWW-Authenticate"]);
            Assert.DoesNotContain("lookup-key-000001", byHeader.Text);
        }
    }

    [Theory]
    [InlineData("GET", "/api/stats")]
    [InlineData("DELETE", "/api/cache")]
    [InlineData("DELETE", "/api/cache/users/ada")]
    public async Task Administration_requires_an_administrator_key(string method, string target)
    {
        await using var service = await StartAsync();

        var none = await service.SendAsync(new HttpMethod(method), target, null);
        var users = await service.SendAsync(new HttpMethod(method), target, null, ("x-functions-key", "lookup-key-000001"));
        var admin = await service.SendAsync(new HttpMethod(method), target, null, ("x-functions-key", "admin-key-0000001"));

        none.ShouldBeProblem(401, "unauthorized");
        users.ShouldBeProblem(403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
    }

    [Fact]
    public async Task Health_requires_no_key()
    {
        await using var service = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/ready")).Status);
    }

    [Fact]
    public async Task Behind_the_functions_host_no_key_is_required_if_none_is_configured()
    {
        var port = FreePort.Next();
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}"));

        Assert.Equal(port, service.Address.Port);
        Assert.Equal("127.0.0.1", service.Address.Host);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/stats")).Status);
    }

    /// <summary>Even if the host checks the key of one route and forwards the request to another, the service rejects it.</summary>
    [Fact]
    public async Task Behind_the_functions_host_configured_keys_are_required()
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, [.. Keys, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}")]);

        (await service.GetAsync("/api/stats")).ShouldBeProblem(401, "unauthorized");
        (await service.GetAsync("/api/stats", ("x-functions-key", "lookup-key-000001"))).ShouldBeProblem(403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/stats", ("x-functions-key", "admin-key-0000001"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/live")).Status);
    }

    [Theory]
    [InlineData("/api/docs/..%5Cusers%5Cnobody")]
    [InlineData("/api/docs\\..\\users\\nobody")]
    [InlineData("/api/docs/%2e%2e/users/nobody")]
    [InlineData("/api/docs/%252e%252e/users/nobody")]
    [InlineData("/api/docs/..%2Fusers%2Fnobody")]
    [InlineData("/api/docs/../users/nobody")]
    [InlineData("/api/docs/docs.js/../../users/nobody")]
    [InlineData("/api/health/..%5Cstats")]
    [InlineData("/api/health/%2e%2e/stats")]
    [InlineData("/api/health/live/../../stats")]
    [InlineData("/api/health/%252e%252e/stats")]
    [InlineData("//api/users/nobody")]
    [InlineData("/api//users/nobody")]
    [InlineData("/./api/users/nobody")]
    [InlineData("/%61pi/users/nobody")]
    [InlineData("/API/USERS/nobody")]
    [InlineData("/api/users/nobody/")]
    [InlineData("/api/users/..%5Cstats")]
    [InlineData("http://{authority}/api/users/nobody")]
    [InlineData("http://{authority}/api/docs/..%5Cusers%5Cnobody")]
    [InlineData("http://{authority}/api/docs/../stats")]
    [InlineData("http://{authority}/api/health/live/../../users/nobody", true)]
    [InlineData("http://{authority}/api/users/nobody", true)]
    [InlineData("http://{authority}/api/docs/..%5Cstats", true)]
    public async Task Path_in_another_spelling_does_not_bypass_the_key(string target, bool isBehindFunctionsHost = false)
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, isBehindFunctionsHost ? [.. Keys, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}")] : Keys);
        target = target.Replace("{authority}", service.Address.Authority, StringComparison.Ordinal);

        var none = await RawHttp.SendAsync(service.Address, $"GET {target} HTTP/1.1");
        var lookup = await RawHttp.SendAsync(service.Address, $"GET {target} HTTP/1.1", "x-functions-key: lookup-key-000001");

        Assert.True((int)none.Status is 400 or 401, $"{none.Status} {none.Text}");
        Assert.True((int)lookup.Status is 400 or 403 or 404, $"{lookup.Status} {lookup.Text}");
    }

    private Task<Service> StartAsync() => Service.StartUnarmedAsync(shared.Store.ConnectionString, null, Keys);
}
