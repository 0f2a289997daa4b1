using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class PatchTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    private static readonly UserItem User = UserItem.Number(1) with { tags = ["a", "b"] };

    public static TheoryData<string, PatchOperation[], string> Patches => new()
    {
        { "set replaces a value", [PatchOperation.Set("/name", "new")], "name:\"new\"" },
        { "set adds a value", [PatchOperation.Set("/nick", "new")], "nick:\"new\"" },
        { "add appends to an array", [PatchOperation.Add("/tags/-", "c")], "tags:[\"a\",\"b\",\"c\"]" },
        { "add inserts into an array", [PatchOperation.Add("/tags/1", "c")], "tags:[\"a\",\"c\",\"b\"]" },
        { "set replaces in an array", [PatchOperation.Set("/tags/0", "c")], "tags:[\"c\",\"b\"]" },
        { "remove removes from an array", [PatchOperation.Remove("/tags/0")], "tags:[\"b\"]" },
        { "replace replaces a value", [PatchOperation.Replace("/email", "x@y")], "email:\"x@y\"" },
        { "increment adds to a number", [PatchOperation.Increment("/version", 2)], "version:3" },
        { "increment adds a value", [PatchOperation.Increment("/logins", 1)], "logins:1" },
        { "increment accepts fractions", [PatchOperation.Increment("/version", 0.5)], "version:1.5" },
        { "move renames", [PatchOperation.Move("/name", "/title")], "title:\"User 1\"" },
        { "several operations are applied in order", [PatchOperation.Set("/n", 1), PatchOperation.Increment("/n", 4)], "n:5" },
        { "set accepts an object", [PatchOperation.Set("/address", new { city = "Bern" })], "address:{\"city\":\"Bern\"}" },
    };

    [Theory]
    [MemberData(nameof(Patches))]
    public async Task Patch_applies_its_operations(string what, PatchOperation[] operations, string expected)
    {
        var container = await Endpoint.NewContainerAsync();
        await SaveAsync(container, User);

        var patched = await container.PatchItemAsync<JsonElement>("u1", Key("u1"), operations, cancellationToken: Cancellation);

        var (name, value) = (expected.Split(':', 2)[0], expected.Split(':', 2)[1]);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(value).RootElement, patched.Resource.GetProperty(name)), what);
    }

    public static TheoryData<string, PatchOperation[]> Impossible => new()
    {
        { "replace of a nonexistent value", [PatchOperation.Replace("/nothing", 1)] },
        { "remove of a nonexistent value", [PatchOperation.Remove("/nothing")] },
        { "a path through a string", [PatchOperation.Set("/name/first", "x")] },
        { "an index past the end", [PatchOperation.Set("/tags/7", "x")] },
        { "increment of a string", [PatchOperation.Increment("/name", 1)] },
        { "the id", [PatchOperation.Set("/id", "other")] },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public async Task Patch_that_cannot_be_applied_returns_400_and_changes_nothing(string what, PatchOperation[] operations)
    {
        var container = await Endpoint.NewContainerAsync();
        await SaveAsync(container, User);

        var error = await Assert.ThrowsAsync<CosmosException>(() => container.PatchItemAsync<UserItem>(
            "u1", Key("u1"), [PatchOperation.Set("/email", "changed"), .. operations], cancellationToken: Cancellation));

        Assert.True(error.StatusCode == HttpStatusCode.BadRequest, what);
        Assert.Equal(User.email, (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation)).Resource.email);
    }

    [Theory]
    [InlineData("from c where c.version = 1", HttpStatusCode.OK)]
    [InlineData("from c where c.version > 1", HttpStatusCode.PreconditionFailed)]
    [InlineData("from c where ARRAY_CONTAINS(c.tags, 'a')", HttpStatusCode.OK)]
    public async Task Patch_with_a_condition_is_applied_only_if_it_holds(string condition, HttpStatusCode expected)
    {
        var container = await Endpoint.NewContainerAsync();
        await SaveAsync(container, User);

        using var patched = await container.PatchItemStreamAsync(
            "u1", Key("u1"), [PatchOperation.Set("/name", "new")], new PatchItemRequestOptions { FilterPredicate = condition }, Cancellation);

        Assert.Equal(expected, patched.StatusCode);
    }

    [Fact]
    public async Task Concurrent_patches_are_all_applied()
    {
        var container = await Endpoint.NewContainerAsync();
        await SaveAsync(container, User);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => container.PatchItemAsync<UserItem>(
            "u1", Key("u1"), [PatchOperation.Increment("/version", 1)], cancellationToken: Cancellation)));

        Assert.Equal(21, (await container.ReadItemAsync<UserItem>("u1", Key("u1"), cancellationToken: Cancellation)).Resource.version);
    }
}
