using System.Net;
using Lookup.Functions.Tests.Support;

namespace Lookup.Functions.Tests;

public sealed class KeyTests(SharedService shared)
{
    private static readonly (string Key, string Value)[] Keys =
        [("Lookup__Keys__0", "key-1"), ("Lookup__Keys__1", "key-2"), ("Lookup__AdminKeys__0", "admin-1")];

    [Theory]
    [InlineData(null, 401)]
    [InlineData("", 401)]
    [InlineData("wrong", 401)]
    [InlineData("KEY-1", 401)]
    [InlineData("key-1", 404)]
    [InlineData("key-2", 404)]
    [InlineData("admin-1", 404)]
    public async Task A_lookup_needs_a_key(string? key, int expected)
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
            Assert.DoesNotContain("key-1", byHeader.Text);
        }
    }

    [Theory]
    [InlineData("GET", "/api/stats")]
    [InlineData("DELETE", "/api/cache")]
    [InlineData("DELETE", "/api/cache/users/ada")]
    public async Task Administration_needs_an_administrators_key(string method, string target)
    {
        await using var service = await StartAsync();

        var none = await service.SendAsync(new HttpMethod(method), target, null);
        var users = await service.SendAsync(new HttpMethod(method), target, null, ("x-functions-key", "key-1"));
        var admin = await service.SendAsync(new HttpMethod(method), target, null, ("x-functions-key", "admin-1"));

        none.ShouldBeProblem(401, "unauthorized");
        users.ShouldBeProblem(403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        await using var service = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/health/ready")).Status);
    }

    [Fact]
    public async Task Behind_the_functions_host_no_key_is_asked_for()
    {
        var port = FreePort.Next();
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, [.. Keys, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}")]);

        Assert.Equal(port, service.Address.Port);
        Assert.Equal("127.0.0.1", service.Address.Host);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/stats")).Status);
    }

    private Task<Service> StartAsync() => Service.StartUnarmedAsync(shared.Store.ConnectionString, null, Keys);
}
