using System.Globalization;
using System.Text;
using System.Text.Json;
using Lookup.Benchmarks.Http.Servers;

namespace Lookup.Benchmarks.Http;

/// <summary>The users of one size.</summary>
internal sealed class UserSet
{
    private readonly byte[][] _bodies;

    public UserSet(string name, char letter, int bytes, int count)
    {
        Name = name;
        Users = [.. Enumerable.Range(1, count).Select(n => User.OfSize(string.Create(CultureInfo.InvariantCulture, $"{letter}{n:D5}"), bytes))];
        _bodies = [.. Users.Select(user => user.ToJson())];
    }

    /// <summary>Gets the display name of the size.</summary>
    public string Name { get; }

    public IReadOnlyList<User> Users { get; }

    /// <summary>Gets the exact response bodies for lookups of one user.</summary>
    public IReadOnlyList<byte[]> Bodies => _bodies;

    public IEnumerable<string> Targets => Users.Select(user => $"/api/users/{user.Id}");

    /// <summary>Gets the body of the request for all users in one batch.</summary>
    public string BatchRequest => JsonSerializer.Serialize(new { ids = Users.Select(user => user.Id) });

    /// <summary>Gets the exact response body for the batch.</summary>
    public byte[] BatchBody =>
    [
        .. "{\"users\":["u8,
        .. Encoding.UTF8.GetBytes(string.Join(',', _bodies.Select(Encoding.UTF8.GetString))),
        .. "],\"missing\":[]}"u8,
    ];
}
