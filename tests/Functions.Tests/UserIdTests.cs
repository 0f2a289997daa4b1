using Lookup.Functions.Tests.Support;

namespace Lookup.Functions.Tests;

public sealed class UserIdTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%2fb")]
    [InlineData("a%5Cb")]
    [InlineData("a%3Fb")]
    [InlineData("a%23b")]
    [InlineData("a%0Ab")]
    [InlineData("a%7Fb")]
    [InlineData("a%C2%85b")]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("a%zz")]
    [InlineData("%C0%AF")]
    [InlineData("%E0%80%AF")]
    [InlineData("%ED%A0%80")]
    [InlineData("%FF")]
    public async Task GetUser_with_an_id_that_is_none_names_the_rule(string encoded)
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);

        var answer = await RawHttp.SendAsync(service.Address, $"GET /api/users/{encoded} HTTP/1.1");

        answer.ShouldBeProblem(400, "invalid-id");
        Assert.Contains("user id", answer.Json.GetProperty("detail").GetString());
    }
}
