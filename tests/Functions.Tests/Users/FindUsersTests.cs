using System.Net;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Support;
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

    [Fact]
    public async Task FindUsers_with_an_empty_value_is_rejected_by_name_instead_of_listing_users_without_a_value()
    {
        await shared.Store.PutUserAsync(SharedService.NewId(), email: "");

        var response = await shared.Service.GetAsync("/api/users?email=");

        response.ShouldBeProblem(400, "bad-request");
        Assert.Equal("The value of 'email' is empty; it must have 1 to 1024 characters.", response.Json.GetProperty("detail").GetString());
    }

    /// <summary>The ids with a control character are not valid, so that these items cannot be looked up.</summary>
    [Fact]
    public async Task FindUsers_finds_a_user_among_more_items_than_the_limit_that_cannot_be_looked_up()
    {
        var (good, email) = (SharedService.NewId(), $"{SharedService.NewId()}@example.com");
        for (var i = 0; i < 101; i++)
            await shared.Store.PutUserAsync($"{good}\u0007{i}", email: email);
        await shared.Store.PutUserAsync(good, email: email);

        var response = await shared.Service.GetAsync($"/api/users?email={email}");

        Assert.Equal(good, Assert.Single(IdsOf(response)));
        Assert.False(response.Json.TryGetProperty("truncated", out _));
    }

    [Fact]
    public async Task FindUsers_reports_that_a_list_is_incomplete_if_too_many_items_cannot_be_looked_up()
    {
        await using var store = await Store.StartAsync();
        for (var i = 0; i < AlternateKeyQuery.MaxRows; i++)
            await store.PutUserAsync($"u\u0007{i}", email: "shared@example.com");
        await using var service = await Service.StartAsync(store, null, ("Lookup__PollInterval", "01:00:00"));

        var first = await service.GetAsync("/api/users?email=shared@example.com");
        var second = await service.GetAsync("/api/users?email=shared@example.com");

        Assert.Equal("""{"users":[],"truncated":true}""", first.Text);
        Assert.Equal(first.Text, second.Text);
        Assert.StartsWith("lookup; hit", second.CacheStatus);
    }

    private static string?[] IdsOf(TestResponse response)
    {
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return [.. response.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString())];
    }
}
