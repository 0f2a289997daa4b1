using System.Net;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Users;

public sealed class FindUsersTests(SharedService shared)
{
    [Fact]
    public async Task FindUsers_by_email_lists_the_matching_users_and_caches_the_result()
    {
        var id = SharedService.NewId();
        await shared.Store.PutUserAsync(id, email: $"{id}+tag@example.com");
        await shared.Service.CatchUpAsync();

        var first = await shared.Service.GetAsync($"/api/users?email={id}%2Btag%40example.com");
        var second = await shared.Service.GetAsync($"/api/users?email={id}%2Btag%40example.com");

        Assert.Equal(id, Assert.Single(IdsOf(first)));
        Assert.StartsWith("lookup; fwd=miss", first.CacheStatus);
        Assert.Equal(first.Text, second.Text);
        Assert.StartsWith("lookup; hit", second.CacheStatus);
    }

    [Fact]
    public async Task FindUsers_by_a_nested_property_uses_its_last_segment()
    {
        var id = SharedService.NewId();
        await shared.Store.PutAsync($$"""{"id":"{{id}}","contact":{"phone":"+1-{{id}}","private":"x","kept":1} }""".Replace("} }", "}}"), id);

        var response = await shared.Service.GetAsync($"/api/users?phone=%2B1-{id}");

        Assert.Equal($$"""{"users":[{"id":"{{id}}","contact":{"phone":"+1-{{id}}","kept":1} }]}""".Replace("} }", "}}"), response.Text);
    }

    [Fact]
    public async Task FindUsers_for_a_value_without_matches_returns_an_empty_list()
    {
        var response = await shared.Service.GetAsync($"/api/users?email={SharedService.NewId()}");

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.Equal("""{"users":[]}""", response.Text);
    }

    [Fact]
    public async Task FindUsers_after_a_change_of_the_value_lists_only_matching_users()
    {
        var (one, two) = (SharedService.NewId(), SharedService.NewId());
        var email = $"{one}@shared.example";
        await shared.Store.PutUserAsync(one, email: email);
        await shared.Store.PutUserAsync(two, email: email);
        Assert.Equal(2, IdsOf(await shared.Service.GetAsync($"/api/users?email={email}")).Length);

        await shared.Store.PutUserAsync(one, email: $"{one}@elsewhere.example");
        await shared.Service.CatchUpAsync();

        Assert.Equal(two, Assert.Single(IdsOf(await shared.Service.GetAsync($"/api/users?email={email}"))));
        Assert.Equal(one, Assert.Single(IdsOf(await shared.Service.GetAsync($"/api/users?email={one}@elsewhere.example"))));
    }

    [Theory]
    [InlineData("/api/users")]
    [InlineData("/api/users?name=x")]
    [InlineData("/api/users?email=a&email=b")]
    [InlineData("/api/users?email=a&phone=b")]
    [InlineData("/api/users?email=")]
    [InlineData("/api/users?email=%FF")]
    [InlineData("/api/users?email=%zz")]
    public async Task FindUsers_without_exactly_one_value_is_rejected(string target)
    {
        var response = await RawHttp.SendAsync(shared.Service.Address, $"GET {target} HTTP/1.1");

        response.ShouldBeProblem(400, "bad-request");
        Assert.NotEmpty(response.Json.GetProperty("detail").GetString()!);
    }

    private static string?[] IdsOf(TestResponse response)
    {
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return [.. response.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString())];
    }
}
