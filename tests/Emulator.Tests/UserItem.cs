namespace Lookup.Emulator.Tests;

/// <summary>The document that the tests store. The property names are those of the JSON.</summary>
public sealed record UserItem(string id, string userId, string email, string name, int version = 1, string[]? tags = null, int? ttl = null)
{
    public static UserItem Number(int number) =>
        new($"u{number}", $"u{number}", $"user{number}@example.com", $"User {number}");
}
