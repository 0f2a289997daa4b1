using System.Net;
using System.Text.Json;
using CsCheck;
using Lookup.Domain.Users;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Users;

public sealed class UserIdTests(SharedService shared)
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
    [InlineData("a/../b")]
    [InlineData("../users/b")]
    public async Task GetUser_with_an_invalid_id_reports_the_rule(string encoded)
    {
        var response = await RawHttp.SendAsync(shared.Service.Address, $"GET /api/users/{encoded} HTTP/1.1");

        response.ShouldBeProblem(400, "invalid-id");
        Assert.Contains("user id", response.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task GetUser_with_an_id_that_is_too_long_reports_the_rule()
    {
        var response = await shared.Service.GetAsync("/api/users/" + new string('x', 1024));

        response.ShouldBeProblem(400, "invalid-id");
    }

    [Theory]
    [InlineData("GET /api/./users/a HTTP/1.1")]
    [InlineData("GET /api/x/../users/a HTTP/1.1")]
    [InlineData("GET /%61pi/users/a HTTP/1.1")]
    [InlineData("GET /api/%75sers/a HTTP/1.1")]
    public async Task GetUser_by_a_path_that_is_equivalent_only_after_decoding_is_rejected(string requestLine)
    {
        var response = await RawHttp.SendAsync(shared.Service.Address, requestLine);

        response.ShouldBeProblem(400, "bad-request");
    }

    /// <summary>In absolute form, the path starts after the authority, which a question mark also ends (RFC 3986 §3.2).</summary>
    [Theory]
    [InlineData("http://{authority}?/api/users/{id}")]
    [InlineData("http://{authority}?x=/api/users/{id}")]
    [InlineData("http://{authority}/?/api/users/{id}")]
    [InlineData("http://{authority}#/api/users/{id}")]
    [InlineData("http://{authority}\\api/users/{id}")]
    [InlineData("http://{authority}?://x/api/users/{id}")]
    public async Task GetUser_by_an_absolute_form_with_a_query_like_a_path_is_not_a_lookup(string target)
    {
        var id = await shared.PutNewUserAsync();

        var authority = shared.Service.Address.Authority; // the server compares it with Host
        target = target.Replace("{authority}", authority, StringComparison.Ordinal).Replace("{id}", id, StringComparison.Ordinal);

        var response = await RawHttp.SendAsync(shared.Service.Address, $"GET {target} HTTP/1.1");
        var plain = await RawHttp.SendAsync(shared.Service.Address, $"GET http://{authority}/api/users/{id} HTTP/1.1");

        Assert.DoesNotContain(id, response.Text);
        Assert.Contains(id, plain.Text);
    }

    // Each pair names two users that could be confused, and that the store client would confuse.
    [Theory]
    [InlineData("%41", "A")]
    [InlineData("a%2Fb", "a")]
    [InlineData(".", "..")]
    [InlineData("tail ", "tail")]
    [InlineData(" head", "head")]
    [InlineData("\u00e9", "e\u0301")]
    [InlineData("a+b", "a b")]
    [InlineData("\ud83d\ude00", "\ud83d\ude01")]
    [InlineData("lookup", "Lookup")]
    [InlineData("100%", "100%25")]
    [InlineData("a;b", "a;c")]
    [InlineData("\u00a0x", "x")]
    public async Task GetUser_with_two_similar_ids_returns_two_users(string one, string other)
    {
        await shared.Store.PutUserAsync(one, version: 1);
        await shared.Store.PutUserAsync(other, version: 2);
        await shared.Service.CatchUpAsync();

        Assert.Equal(one, await IdOfAsync(one));
        Assert.Equal(other, await IdOfAsync(other));
        Assert.Equal([one, other], await IdsOfAsync(one, other));
    }

    [Fact]
    public async Task GetUser_by_an_absolute_target_returns_the_same_user()
    {
        var id = SharedService.NewId();
        await shared.Store.PutUserAsync(id);

        var response = await RawHttp.SendAsync(shared.Service.Address, $"GET http://{shared.Service.Address.Authority}/api/users/{id} HTTP/1.1");

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.Equal(id, response.Json.GetProperty("id").GetString());
    }

    /// <summary>Every valid id names the user that is stored under it, and every other id, or one that a path must not contain, is rejected.</summary>
    [Fact]
    public async Task Any_text_as_an_id_names_one_user_or_is_rejected()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);
        var piece = Gen.OneOf(
            Gen.OneOf("%", "%41", "%2F", "%25", ".", "..", " ", "+", "/", "\\", "?", "#", "&", "=", ";", "\u0000", "\u007f", "\u0085", "\u00e9", "e\u0301", "\u2028",
                "\ud83d\ude00", "\ufeff", "\u00a0", "@", ":", "\"", "'", "<", "docs", "A", "a"),
            Gen.Char[' ', '~'].Select(c => c.ToString()),
            Gen.Char['\u00a1', '\ud7ff'].Select(c => c.ToString()));
        var ids = piece.Array[1, 5].Select(string.Concat).Array[150].Single();

        foreach (var id in ids.Distinct())
        {
            var isValid = UserKey.TryCreate(id, null, out _, out _) && id.IndexOfAny(['/', '\\', '?', '#']) < 0;
            if (isValid)
                await store.PutUserAsync(id);
            var encoded = string.Concat(System.Text.Encoding.UTF8.GetBytes(id).Select(b => $"%{b:X2}"));

            var response = await RawHttp.SendAsync(service.Address, $"GET /api/users/{encoded} HTTP/1.1", "Cache-Control: no-cache");

            if (id.Contains('\0'))
                continue; // the server rejects it before it reaches the service
            if (!isValid)
                response.ShouldBeProblem(400, "invalid-id");
            else
                Assert.Equal(id, response.Json.GetProperty("id").GetString());
        }
    }

    private async Task<string?> IdOfAsync(string id)
    {
        // Every byte is encoded, so that the client cannot change it.
        var encoded = string.Concat(System.Text.Encoding.UTF8.GetBytes(id).Select(b => $"%{b:X2}"));
        var response = await RawHttp.SendAsync(shared.Service.Address, $"GET /api/users/{encoded} HTTP/1.1");
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return response.Json.GetProperty("id").GetString();
    }

    private async Task<string?[]> IdsOfAsync(params string[] ids)
    {
        var body = new StringContent(JsonSerializer.Serialize(new { ids }), System.Text.Encoding.UTF8, "application/json");
        var response = await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", body, ("Cache-Control", "no-cache"));
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return [.. response.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString())];
    }
}
