using Lookup.Benchmarks.Shared;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>The distribution of lookups over users.</summary>
public enum Access
{
    /// <summary>All users are looked up equally often.</summary>
    Uniform,

    /// <summary>The frequency of the user of rank n is proportional to n^-0.99.</summary>
    Zipf,
}

/// <summary>The users, and sequences of lookups of them.</summary>
internal static class Population
{
    private const double ZipfExponent = 0.99;

    /// <summary>Gets the body shared by all users: a hit does not read it, and a million separate bodies would only use memory.</summary>
    public static byte[] Body { get; } = new byte[1024];

    /// <summary>The LSN of the replica, which is higher than that of every change in a benchmark.</summary>
    public const long ReplicaLsn = 1_000_000;

    public static UserKey KeyOf(int user) => UserKey.Create($"u{user}");

    public static string ETagOf(int user) => $"\"{user:x8}-0000-0000-0000-000000000000\"";

    public static UserDocument DocumentOf(int user) => new(Body, ETagOf(user), 1, DateTimeOffset.UnixEpoch, []);

    /// <summary>
    /// Returns the keys of a number of lookups, in order. Each key is a new string, as in a request, so that no cache can match it by
    /// reference.
    /// </summary>
    public static UserKey[] Ask(int users, Access access, int lookups)
    {
        var random = new Random(42);
        Func<int> next = access == Access.Uniform ? () => random.Next(users) : ByZipf(users, random);
        var keys = new UserKey[lookups];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = KeyOf(next());
        return keys;
    }

    private static Func<int> ByZipf(int users, Random random)
    {
        var zipf = new Zipf(users, ZipfExponent);

        // Frequently requested users are not adjacent in memory.
        var userOfRank = new int[users];
        for (var i = 0; i < users; i++)
            userOfRank[i] = i;
        random.Shuffle(userOfRank);

        return () => userOfRank[zipf.RankAt(random.NextDouble())];
    }
}
