using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Entries;

/// <summary>Tests the counted size of every kind of entry against the memory that the garbage collector reports.</summary>
[Collection(nameof(HeapMemory))]
public sealed class EntrySizeTests(ITestOutputHelper output)
{
    private const string Path = "/email";

    /// <summary>
    /// The kinds of entries: how many of them are put, the tolerance in percent, and the entry of a number with its key. No text is shared
    /// between entries. Small entries are measured in different numbers, because the tables grow by doubling.
    /// </summary>
    private static readonly Dictionary<string, (int Count, int Percent, Func<int, (string Key, StampedEntry Entry)> Create)> Kinds = new()
    {
        ["user, 200 bytes, 1,000 entries"] = (1_000, 5, number => User(Id(number, 8), 200)),
        ["user, 200 bytes, 10,000 entries"] = (10_000, 5, number => User(Id(number, 8), 200)),
        ["user, 200 bytes, 50,000 entries"] = (50_000, 5, number => User(Id(number, 8), 200)),
        ["user, 1 KB"] = (5_000, 5, number => User(Id(number, 8), 1_024)),
        ["user, 10 KB"] = (1_000, 5, number => User(Id(number, 8), 10_240)),
        ["user, 84,000 bytes"] = (200, 5, number => User(Id(number, 8), 84_000)),
        ["user, 100 KB, a large object"] = (200, 5, number => User(Id(number, 8), 102_400)),
        ["user, 2 MB"] = (10, 5, number => User(Id(number, 8), 2 << 20)),
        ["user, id of 36 characters"] = (5_000, 5, number => User(Id(number, 36), 200)),
        ["user, id of 1,023 characters"] = (2_000, 5, number => User(Id(number, 1_023), 200)),
        ["user, id of 341 non-ASCII characters"] = (2_000, 5, number => User(Id(number, 341, '語'), 200)),
        ["user, partition key of 36 characters"] = (5_000, 5, number => User(Id(number, 36), 200, Id(number, 36, 'p'))),
        ["user, partition key of 2,048 characters"] = (2_000, 5, number => User(Id(number, 255), 200, Id(number, 2_048))),
        ["user, partition key of 682 non-ASCII characters"] = (2_000, 5, number => User(Id(number, 36), 200, Id(number, 682, '語'))),
        ["user, no partition key value"] = (5_000, 5, number => User(Id(number, 8), 200, "")),
        ["user, long entity tag"] = (5_000, 5, number => User(Id(number, 8), 200, etag: Id(number, 255))),
        ["user, 1 alternate key"] = (5_000, 5, number => User(Id(number, 8), 200, alternateKeys: 1)),
        ["user, 5 alternate keys"] = (5_000, 5, number => User(Id(number, 8), 200, alternateKeys: 5)),
        ["user, part of an array"] = (5_000, 5, number => User(Id(number, 8), 200, capacity: 1_000)),
        ["unknown id, 1,000 entries"] = (1_000, 10, number => NoUser(Id(number, 8))),
        ["unknown id, 10,000 entries"] = (10_000, 10, number => NoUser(Id(number, 8))),
        ["unknown id, 20,000 entries"] = (20_000, 10, number => NoUser(Id(number, 8))),
        ["unknown id, 100,000 entries"] = (100_000, 10, number => NoUser(Id(number, 8))),
        ["unknown id of 1 character, among others"] = (10_000, 10, number => NoUser(number.ToString(CultureInfo.InvariantCulture))),
        ["unknown id of 1,023 characters"] = (2_000, 10, number => NoUser(Id(number, 1_023))),
        ["unknown id, partition key of 2,048 characters"] = (2_000, 10, number => NoUser(Id(number, 36), Id(number, 2_048, 'p'))),
        ["hint, no user"] = (10_000, 10, number => Hint(number, 0, 0)),
        ["hint, 1 user"] = (10_000, 10, number => Hint(number, 1, 8)),
        ["hint, 1 user, partition key"] = (10_000, 10, number => Hint(number, 1, 36, 36)),
        ["hint, 10 users"] = (2_000, 10, number => Hint(number, 10, 36)),
        ["hint, 101 users"] = (500, 10, number => Hint(number, 101, 36)),
        ["hint, 101 users, partition key"] = (500, 10, number => Hint(number, 101, 36, 36)),
        ["hint, 101 users, id of 255 characters"] = (200, 10, number => Hint(number, 101, 255)),
        ["hint, 101 users, partition key of 2,048 characters"] = (50, 10, number => Hint(number, 101, 255, 2_048)),
        ["hint, non-ASCII key"] = (10_000, 10, number => Hint(number, 1, 8, value: Id(number, 50, '語'))),
    };

    public static TheoryData<EvictionPolicy, string> AllKinds => new MatrixTheoryData<EvictionPolicy, string>(Enum.GetValues<EvictionPolicy>(), Kinds.Keys);

    public static TheoryData<EvictionPolicy, string> ReplacedKinds => new MatrixTheoryData<EvictionPolicy, string>(
        Enum.GetValues<EvictionPolicy>(), ["user, partition key of 36 characters", "unknown id, 10,000 entries", "hint, 1 user, partition key"]);

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Counted_size_is_the_memory_of_the_entries(EvictionPolicy policy, string kind)
    {
        var (count, percent, create) = Kinds[kind];

        Compare(percent, () => Filled(policy, 1 << 30, count, create));
    }

    /// <summary>Each time, the key is another string, as in each request.</summary>
    [Theory]
    [MemberData(nameof(ReplacedKinds))]
    public void Counted_size_is_the_memory_of_entries_that_were_put_several_times(EvictionPolicy policy, string kind)
    {
        var (count, percent, create) = Kinds[kind];

        Compare(percent, () =>
        {
            var memory = Filled(policy, 1 << 30, count, create);
            for (var times = 0; times < 2; times++)
                Fill(memory, count, create);
            return memory;
        });
    }

    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public void Counted_size_is_the_memory_of_users_that_were_unknown_and_became_known(EvictionPolicy policy) =>
        Compare(10, () =>
        {
            var memory = Filled(policy, 1 << 30, 5_000, number => NoUser(Id(number, 36)));
            Fill(memory, 5_000, number => User(Id(number, 36), 200));
            return memory;
        });

    /// <summary>The keys that S3-FIFO remembers, and tables that were filled and emptied, are part of the memory.</summary>
    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public void Counted_size_is_the_memory_of_a_full_cache_after_many_evictions(EvictionPolicy policy) =>
        Compare(10, () =>
        {
            var memory = new EntryMemory(8 << 20, policy);
            var background = new BackgroundContext();
            var writer = background.NewThread(() =>
            {
                for (var number = 0; number < 100_000; number++)
                {
                    var (key, entry) = User(Id(number, 8), 200);
                    if (!memory.Put(key, entry))
                        background.AwaitIdle(); // the eviction that makes room
                }
            });
            writer.Start();
            writer.Join();
            background.AwaitIdle();
            Assert.True(memory.CapacityEvictions > 50_000, "The cache was not full.");
            return memory;
        });

    private void Compare(int percent, Func<EntryMemory> fill)
    {
        var (bytes, counted) = HeapMemory.Measure(fill, memory => memory.Positives.Bytes + memory.Negatives.Bytes);
        output.WriteLine($"Measured: {bytes} bytes. Counted: {counted}, {100.0 * counted / bytes:0.0}%.");
        Assert.InRange((double)counted / bytes, 1 - (percent / 100.0), 1 + (percent / 100.0));
    }

    private static EntryMemory Filled(EvictionPolicy policy, long limit, int count, Func<int, (string Key, StampedEntry Entry)> create)
    {
        var memory = new EntryMemory(limit, policy);
        Fill(memory, count, create);
        return memory;
    }

    private static void Fill(EntryMemory memory, int count, Func<int, (string Key, StampedEntry Entry)> create)
    {
        for (var number = 0; number < count; number++)
        {
            var (key, entry) = create(number);
            Assert.True(memory.Put(key, entry));
        }

        Assert.Equal(count, memory.Positives.Count + memory.Negatives.Count);
    }

    private static (string Key, StampedEntry Entry) User(
        string id, int bytes, string? partitionKey = null, string? etag = null, int alternateKeys = 0, int? capacity = null)
    {
        // As the reader of Cosmos DB's items creates it. An entity tag of Cosmos DB has 38 characters.
        var body = new byte[capacity ?? bytes].AsMemory(0, bytes);
        var found = new List<AlternateKey>();
        for (var i = 0; i < alternateKeys; i++)
            found.Add(new AlternateKey(Path, Id(i, 20)));
        var user = new UserDocument(body, etag ?? Id(bytes, 38), 1, DateTimeOffset.UnixEpoch, alternateKeys == 0 ? Array.Empty<AlternateKey>() : found);
        return (UserKey.Create(id, partitionKey).CacheKey, CacheEntries.ForUser(user, 1, EntryStamp.ForRead(0, null)));
    }

    private static (string Key, StampedEntry Entry) NoUser(string id, string? partitionKey = null) =>
        (UserKey.Create(id, partitionKey).CacheKey, CacheEntries.ForUser(null, 0, EntryStamp.ForRead(0, null)));

    private static (string Key, StampedEntry Entry) Hint(int number, int users, int idLength, int? partitionKeyLength = null, string? value = null)
    {
        var keys = new List<UserKey>();
        for (var i = 0; i < users; i++)
            keys.Add(UserKey.Create(Id(i, idLength), partitionKeyLength is { } length ? Id(i, length, 'p') : null));
        var key = new AlternateKey(Path, value ?? Id(number, 20));
        return (key.CacheKey, CacheEntries.ForHint(new StoreFind(keys, 1, IsTruncated: users > 100), EntryStamp.ForRead(0, null)));
    }

    /// <summary>Returns a new text that begins with a number.</summary>
    private static string Id(int number, int length, char fill = 'x') =>
        string.Create(CultureInfo.InvariantCulture, $"{number}").PadRight(length, fill);
}
