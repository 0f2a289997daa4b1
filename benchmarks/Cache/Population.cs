using Lookup.Benchmarks.Shared;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>How lookups are spread over users.</summary>
public enum Access
{
    /// <summary>Every user as often as every other.</summary>
    Uniform,

    /// <summary>The n-th most wanted user n^0.99 times as seldom as the first.</summary>
    Zipf,
}

/// <summary>Users, and who asks for which of them.</summary>
internal static class Population
{
    private const double ZipfExponent = 0.99;

    /// <summary>One body for all: a hit does not look into it, and a million of them would only fill memory.</summary>
    public static byte[] Body { get; } = new byte[1024];

    /// <summary>The store is ahead of every change that a benchmark makes up.</summary>
    public const long ReplicaLsn = 1_000_000;

    public static UserKey KeyOf(int user) => UserKey.Create($"u{user}");

    public static string ETagOf(int user) => $"\"{user:x8}-0000-0000-0000-000000000000\"";

    public static UserDocument DocumentOf(int user) => new(Body, ETagOf(user), 1, DateTimeOffset.UnixEpoch, []);

    /// <summary>
    /// The keys of so many lookups, in their order. Each is made anew, as it is of a request: no cache finds its own string again.
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

        // Who is wanted most does not lie side by side in memory.
        var userOfRank = new int[users];
        for (var i = 0; i < users; i++)
            userOfRank[i] = i;
        random.Shuffle(userOfRank);

        return () => userOfRank[zipf.RankAt(random.NextDouble())];
    }
}
