using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Entries;

/// <summary>Tests the size of a hint against the memory that the runtime allocates for it.</summary>
public sealed class HintSizeTests
{
    private const int Hints = 200;

    /// <summary>The keys are long, so that texts that are not counted, or counted twice, exceed the tolerance.</summary>
    [Theory]
    [InlineData(EvictionPolicy.LeastRecentlyUsed, 1, 1_000, 0)]
    [InlineData(EvictionPolicy.LeastRecentlyUsed, 10, 300, 0)]
    [InlineData(EvictionPolicy.LeastRecentlyUsed, 1, 500, 2_000)]
    [InlineData(EvictionPolicy.LeastRecentlyUsed, 10, 200, 300)]
    [InlineData(EvictionPolicy.S3Fifo, 1, 1_000, 0)]
    [InlineData(EvictionPolicy.S3Fifo, 10, 200, 300)]
    public void Size_of_hints_with_long_keys_is_within_20_percent_of_the_allocated_memory(EvictionPolicy policy, int users, int idLength, int partitionKeyLength)
    {
        using var memory = new EntryMemory(100 << 20, policy);
        Put(memory, Hints, users, idLength, partitionKeyLength);
        var sizeBefore = memory.Positives.Bytes;
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();

        for (var number = 0; number < Hints; number++)
            Put(memory, number, users, idLength, partitionKeyLength);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        Assert.Equal(Hints + 1, memory.Positives.Count);
        Assert.InRange(memory.Positives.Bytes - sizeBefore, allocated * 0.8, allocated * 1.2);
    }

    /// <summary>Stores a hint whose texts are referenced by nothing else.</summary>
    private static void Put(EntryMemory memory, int number, int users, int idLength, int partitionKeyLength)
    {
        var keys = new UserKey[users];
        for (var i = 0; i < users; i++)
            keys[i] = UserKey.Create(new string('i', idLength), partitionKeyLength == 0 ? null : new string('p', partitionKeyLength));
        Assert.True(memory.Put($"/email\0{number}@example.com", CacheEntries.ForHint(new StoreFind(keys, 1), EntryStamp.ForRead(0, null))));
    }
}
