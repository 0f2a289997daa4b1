using System.Globalization;
using System.Text.Json;

namespace Lookup.Benchmarks.Http.Servers;

/// <summary>A user as in a typical application: a few strings, and a list that grows with the user's history.</summary>
internal sealed record User(
    string Id,
    string Email,
    string DisplayName,
    string Phone,
    string[] Roles,
    Membership[] Memberships,
    string About,
    int Version)
{
    /// <summary>Creates a user whose JSON has exactly the specified number of bytes.</summary>
    /// <param name="id">The user's id.</param>
    /// <param name="bytes">The number of bytes, at least 512.</param>
    public static User OfSize(string id, int bytes)
    {
        var memberships = new Membership[(bytes - 400) / 128];
        for (var i = 0; i < memberships.Length; i++)
        {
            memberships[i] = new Membership(
                string.Create(CultureInfo.InvariantCulture, $"team-{i:D4}"), i % 3 == 0 ? "owner" : "member", new DateOnly(2025, 1 + (i % 12), 1), i % 2 == 0);
        }

        var user = new User(
            id, $"{id}@example.com", "Ada Lovelace", "212-555-0142", ["reader", "editor"], memberships, About: "", Version: 1);
        var missing = bytes - user.ToJson().Length;
        ArgumentOutOfRangeException.ThrowIfNegative(missing, nameof(bytes));
        return user with { About = new string('x', missing) };
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);
}

/// <summary>The membership of a user in a team.</summary>
internal sealed record Membership(string Team, string Role, DateOnly Since, bool IsActive);
