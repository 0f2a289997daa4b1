using System.Text.Json;
using System.Text.Json.Nodes;
using Lookup.Local.Samples;

namespace Lookup.Local.Tests;

public sealed class UserSeederTests(StoreFixture store)
{
    [Fact]
    public async Task WriteAsync_stores_each_user_including_the_hidden_field()
    {
        foreach (var user in SampleUsers.Make(StoreFixture.Users).TakeLast(10))
        {
            var stored = await store.ReadAsync(user.Id);

            Assert.NotNull(stored);
            Assert.StartsWith("$argon2id$", stored["passwordHash"]!.GetValue<string>(), StringComparison.Ordinal);
            var made = JsonSerializer.SerializeToNode(user, SampleJson.Plain.SampleUser)!.AsObject();
            Assert.All(made, field => Assert.True(JsonNode.DeepEquals(field.Value, stored[field.Key]), field.Key));
        }
    }

    [Fact]
    public async Task WriteAsync_writes_the_requested_number_of_users() =>
        Assert.Null(await store.ReadAsync($"u{StoreFixture.Users + 1}"));

    [Fact]
    public void WriteAsync_reports_each_user_once() =>
        Assert.Equal(Enumerable.Range(1, StoreFixture.Users), store.Reported.Order());
}
