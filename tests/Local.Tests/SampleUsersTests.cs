using System.Text.Json;
using Lookup.Local.Samples;

namespace Lookup.Local.Tests;

public sealed class SampleUsersTests
{
    private const int Count = 10_000;

    [Fact]
    public void Make_twice_gives_the_same_users_and_fewer_are_the_first_of_more()
    {
        var few = SampleUsers.Make(200).Select(ToJson);
        var more = SampleUsers.Make(400).Take(200).Select(ToJson);

        Assert.Equal(few, more);
    }

    /// <summary>Detects a change of the seed or of the generator, because the names of sample users must not change.</summary>
    [Fact]
    public void Make_gives_known_users()
    {
        var user = SampleUsers.Make(42).Last();

        Assert.Equal("u42", user.Id);
        Assert.Equal("Mariano Schimmel", user.DisplayName);
        Assert.Equal("mariano.schimmel.42@example.com", user.Email);
    }

    [Fact]
    public void Make_gives_unique_ids_and_reserved_unique_emails()
    {
        var users = SampleUsers.Make(Count).ToList();

        Assert.Equal(Enumerable.Range(1, Count).Select(number => $"u{number}"), users.Select(user => user.Id));
        Assert.Equal(Count, users.Select(user => user.Email).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(users, user => Assert.Matches(@"^[a-z]+\.[a-z]+\.\d+@example\.(com|org)$", user.Email));
    }

    [Fact]
    public void Make_gives_about_one_kilobyte_each()
    {
        var sizes = SampleUsers.Make(Count).Select(user => ToJson(user).Length).ToList();

        Assert.InRange(sizes.Average(), 950, 1_100);
        Assert.InRange(sizes.Min(), 700, 1_000);
        Assert.InRange(sizes.Max(), 1_000, 1_400);
    }

    private static string ToJson(SampleUser user) => JsonSerializer.Serialize(user, SampleJson.Plain.SampleUser);
}
