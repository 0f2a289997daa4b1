using System.Globalization;
using Lookup.Soak.Checking;

namespace Lookup.Soak.Load;

/// <summary>The users of a run. The first ones are found by e-mail, in pairs that share a few addresses; the last are never changed.</summary>
internal sealed class Population
{
    /// <summary>The number of addresses that a pair of users shares.</summary>
    public const int AddressesPerPair = 3;

    private static readonly string Filler = new('x', 300);

    public Population(int count, int findable, int still)
    {
        Findable = Math.Min(findable, count) / 2 * 2;
        Still = still;
        Histories = [.. Enumerable.Range(0, count).Select(_ => new UserHistory())];
        Ids = [.. Enumerable.Range(0, count).Select(IdOf)];
    }

    public int Count => Histories.Length;

    /// <summary>Gets the number of users, counted from the first, that move between addresses.</summary>
    public int Findable { get; }

    /// <summary>Gets the number of users, counted backward from the last, that are written once and never again.</summary>
    public int Still { get; }

    public int Writable => Count - Still;

    public UserHistory[] Histories { get; }

    public string[] Ids { get; }

    /// <summary>Determines whether a user is repeatedly created and deleted, as every sixteenth user is.</summary>
    public static bool Toggles(int user) => user % 16 == 7;

    public static string AddressOf(int address) => string.Create(CultureInfo.InvariantCulture, $"m{address}@example.com");

    public string Body(int user, int version, int address) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{Ids[user]}}","v":{{version}},"email":"{{AddressOf(address)}}","filler":"{{Filler}}"}""");

    /// <summary>Returns the address of a user's next version: a shared one if the user is findable; otherwise, its own.</summary>
    public int NextAddress(int user, Random random) =>
        user < Findable ? (user / 2 * AddressesPerPair) + random.Next(AddressesPerPair) : 1_000_000 + user;

    private static string IdOf(int user) => string.Create(CultureInfo.InvariantCulture, $"u{user}");
}
