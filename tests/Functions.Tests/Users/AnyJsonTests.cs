using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using Lookup.Domain.Freshness;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Users;

/// <summary>
/// Tests that items with anything that JSON allows and Cosmos DB stores are served as stored, by each kind of lookup, and that they affect neither
/// other users nor the change feed.
/// </summary>
public sealed class AnyJsonTests
{
    private const int Items = 60;
    private const int MaxItemBytes = 2 * 1024 * 1024;
    private const int MaxDepth = 128;

    private static readonly Gen<string> Piece = Gen.Frequency(
        (3, Gen.OneOf("\\ud800", "\\uDBFF", "\\udc00", "\\uDfFf\\ud83d", "\\ud800\\u0041", "\\ud800\\ud83d\\ude00")),
        (2, Gen.OneOf("\\ud83d\\ude00", "\ud83d\ude00", "é", "\\u0000", "\\\\", "\\\\ud800", "\\\"", "\\/", "\ufeff", "\u2028", "id", "email", "_rid", "_etag", "metadata")),
        (1, Gen.Char['a', 'z'].Select(c => c.ToString())));

    private static readonly Gen<string> Text = Piece.Array[0, 4].Select(pieces => $"\"{string.Concat(pieces)}\"");

    // With a suffix, so that no name at the top level is one that has a meaning.
    private static readonly Gen<string> Name = Piece.Array[0, 4].Select(pieces => $"\"{string.Concat(pieces)}.\"");

    private static readonly Gen<string> Leaf = Gen.OneOf(
        Gen.OneOf("0", "-0", "1.50", "1e400", "-1E-400", "12345678901234567890.10e+5", "true", "false", "null"), Text);

    private static readonly Gen<string> Value = Gen.Recursive<string>((depth, inner) => depth >= 3 ? Leaf : Gen.OneOf(
        Leaf,
        inner.Array[0, 3].Select(items => $"[ {string.Join(", ", items)}]"),
        Member(inner).Array[0, 3].Select(members => $"{{{string.Join(",", members)}}}")));

    // The first member occurs twice.
    private static readonly Gen<string[]> Members = Member(Value).Array[1, 6].Select(members => (string[])[.. members, members[0]]);

    [Theory]
    [InlineData("LatestVersion")]
    [InlineData("AllVersionsAndDeletes")]
    public async Task Items_are_served_as_stored_by_every_lookup_and_do_not_end_the_epoch(string mode)
    {
        await using var store = await Store.StartAsync();
        var items = SpecialItems().Concat(RandomItems()).Select((members, i) => new Item($"i{i}", members)).ToArray();
        foreach (var item in items)
            await store.PutAsync(item.Stored, item.Id);
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, null, ("Lookup__FeedMode", mode));
        await service.CatchUpAsync("/api/users/ada");
        string[] ids = ["ada", .. items.Select(item => item.Id)];

        foreach (var item in items)
            AssertText(item.Shown, (await service.GetAsync($"/api/users/{item.Id}")).Text, item);

        await ClearAsync(service);
        var batch = await service.SendAsync(
            HttpMethod.Post, "/api/users/lookup", new StringContent(JsonSerializer.Serialize(new { ids }), Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, batch.Status);
        using (var body = JsonDocument.Parse(batch.Body, new JsonDocumentOptions { MaxDepth = MaxDepth + 2 }))
        {
            var users = body.RootElement.GetProperty("users").EnumerateArray().Select(user => user.GetRawText()).ToArray();
            Assert.Equal(ids.Length, users.Length);
            foreach (var (item, user) in items.Zip(users.Skip(1)))
                AssertSameMembers(item, user);
        }

        await ClearAsync(service);
        foreach (var item in items)
        {
            var found = await service.GetAsync($"/api/users?email={item.Id}@example.com");
            Assert.Equal(HttpStatusCode.OK, found.Status);
            AssertSameMembers(item, found.Text["{\"users\":[".Length..^"]}".Length]);
        }

        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;
        items = [.. items.Where(item => item.Stored.Length < MaxItemBytes / 2).Select(item => item with { Members = [.. item.Members, "\"changed\":1"] })];
        foreach (var item in items)
            await store.PutAsync(item.Stored, item.Id);
        await service.CatchUpAsync("/api/users/ada");

        Assert.Equal(epoch, freshness.Epoch);
        foreach (var item in items)
        {
            var changed = await service.GetAsync($"/api/users/{item.Id}");
            Assert.Contains("fwd=miss", changed.CacheStatus);
            AssertText(item.Shown, changed.Text, item);
        }
    }

    [Theory]
    [InlineData("LatestVersion")]
    [InlineData("AllVersionsAndDeletes")]
    public async Task Item_whose_id_is_not_text_affects_neither_a_find_nor_the_epoch(string mode)
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"\ud800","tenant":"t","email":"x"}""", "t");
        await store.PutAsync("""{"id":"ada","tenant":"t","email":"x"}""", "t");
        await using var service = await Service.StartAsync(store, null, ("Lookup__PartitionKeyPath", "/tenant"), ("Lookup__FeedMode", mode));
        await service.CatchUpAsync("/api/users/ada?pk=t");
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var epoch = freshness.Epoch;

        var found = await service.GetAsync("/api/users?email=x");
        await store.PutAsync("""{"id":"\ud800","tenant":"t","email":"x","changed":1}""", "t");
        await service.CatchUpAsync("/api/users/ada?pk=t");

        Assert.Equal("ada", Assert.Single(found.Json.GetProperty("users").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(epoch, freshness.Epoch);
    }

    /// <summary>
    /// The feed contains a property _lsn of the item in addition to the real one. If it were taken for the LSN of the change, no read of the user
    /// would be recent enough.
    /// </summary>
    [Fact]
    public async Task Item_with_its_own_lsn_is_read_again_after_a_change()
    {
        await using var store = await Store.StartAsync();
        await store.PutAsync("""{"id":"u1","version":1,"_lsn":9000000000000000000}""", "u1");
        await using var service = await Service.StartAsync(store, null, ("Lookup__ReadDeadline", "00:00:05"));
        await service.CatchUpAsync();
        await service.GetAsync("/api/users/u1");

        await store.PutAsync("""{"id":"u1","version":2,"_lsn":9000000000000000000}""", "u1");
        await service.CatchUpAsync();

        Assert.Equal("""{"id":"u1","version":2}""", (await service.GetAsync("/api/users/u1")).Text);
    }

    private static Gen<string> Member(Gen<string> value) => Name.Select(value, (name, content) => $"{name}:{content}");

    private static IEnumerable<string[]> RandomItems()
    {
        var random = new PCG(stream: 1, seed: 20_261_127);
        for (var i = 0; i < Items; i++)
            yield return Members.Generate(random, null, out _);
    }

    private static IEnumerable<string[]> SpecialItems()
    {
        yield return ["\"\\ud800\":1"];
        yield return ["\"i\\udc00\":1", "\"_r\\ud800\":2", "\"e\\ud800\":3"];
        yield return [$"\"deep\":{new string('[', MaxDepth - 1)}{new string(']', MaxDepth - 1)}"];
        yield return [$"\"large\":\"{string.Concat(Enumerable.Repeat("\\ud800", (MaxItemBytes - 200) / 6))}\""];
        yield return [.. Enumerable.Repeat("\"\\ud800\":0", (MaxItemBytes - 200) / 11)];
    }

    private static Task<TestResponse> ClearAsync(Service service) => service.SendAsync(HttpMethod.Delete, "/api/cache", null);

    // Not Assert.Equal for large items, whose difference would take long to describe.
    private static void AssertText(string expected, string actual, Item item) =>
        Assert.True(expected == actual, $"The item {item.Id}, {Beginning(item.Stored)}, is shown as {Beginning(actual)}.");

    /// <summary>Asserts that a user has the members of an item, in any order.</summary>
    private static void AssertSameMembers(Item item, string user)
    {
        var hasAll = user.Length == item.Shown.Length && item.Members.Distinct().All(member => user.Contains(member, StringComparison.Ordinal));
        Assert.True(hasAll, $"The item {item.Id}, {Beginning(item.Stored)}, is shown as {Beginning(user)}.");
    }

    private static string Beginning(string text) => text.Length <= 500 ? text : text[..500] + "…";

    /// <param name="Id">The id.</param>
    /// <param name="Members">The members in addition to the id and the email.</param>
    private sealed record Item(string Id, string[] Members)
    {
        /// <summary>Gets the JSON as it is written, with a property that only the store's own one would replace.</summary>
        public string Stored => Shown[..^1] + ",\"_lsn\":1}";

        /// <summary>Gets the JSON as it is served.</summary>
        public string Shown => $"{{\"id\":\"{Id}\",\"email\":\"{Id}@example.com\",{string.Join(',', Members)}}}";
    }
}
