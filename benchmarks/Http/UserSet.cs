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

    /// <summary>The size, as people say it.</summary>
    public string Name { get; }

    public IReadOnlyList<User> Users { get; }

    /// <summary>The answer to a lookup of one user, byte for byte.</summary>
    public IReadOnlyList<byte[]> Bodies => _bodies;

    public IEnumerable<string> Targets => Users.Select(user => $"/api/users/{user.Id}");

    /// <summary>What asks for all of them at once.</summary>
    public string BatchRequest => JsonSerializer.Serialize(new { ids = Users.Select(user => user.Id) });

    /// <summary>The answer to that, byte for byte.</summary>
    public byte[] BatchBody =>
    [
        .. "{\"users\":["u8,
        .. Encoding.UTF8.GetBytes(string.Join(',', _bodies.Select(Encoding.UTF8.GetString))),
        .. "],\"missing\":[]}"u8,
    ];
}
