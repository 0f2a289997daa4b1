using System.Text;
using CsCheck;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Entries;

/// <summary>Tests the invariants of every eviction policy: the size limit, and that replaced and removed entries never reappear.</summary>
public sealed class EntryMemoryTests
{
    private const int Limit = 40_000;
    private const int Keys = 60;

    public static TheoryData<EvictionPolicy> Policies => [.. Enum.GetValues<EvictionPolicy>()];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Any_sequence_of_operations_keeps_the_size_and_finds_the_last_entry_put_or_none(EvictionPolicy policy)
    {
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, Keys - 1], Gen.Int[0, 3_000]).Array[1, 400].Sample(
            steps =>
            {
                using var memory = new EntryMemory(Limit, policy);
                var last = new StampedEntry?[Keys];
                var step = 0L;
                foreach (var (operation, key, size) in steps)
                {
                    step++;
                    switch (operation)
                    {
                        case < 4:
                            last[key] = size < 300 ? NoUser : Entry(size);
                            if (!memory.Put(Name(key), last[key]!))
                                last[key] = null;
                            break;
                        case 4:
                            memory.Remove(Name(key));
                            last[key] = null;
                            break;
                        case 5 when key == 0:
                            memory.Clear();
                            Array.Clear(last);
                            break;
                        default:
                            memory.Use(Name(key), step << 20);
                            break;
                    }

                    if (memory.Positives.Bytes + memory.Negatives.Bytes > Limit || !HoldsOnly(memory, last))
                        return false;
                }

                return true;
            },
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Entry_larger_than_the_cache_is_not_stored_and_the_replaced_entry_is_removed(EvictionPolicy policy)
    {
        using var memory = new EntryMemory(Limit, policy);
        Assert.True(memory.Put("u1", Entry(100)));

        Assert.False(memory.Put("u1", Entry(Limit)));

        Assert.Null(memory.Find("u1"));
        Assert.True(memory.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Full_cache_accepts_new_entries_even_if_all_cached_ones_are_in_use(EvictionPolicy policy)
    {
        SerialContext.Install();
        await Task.Yield(); // switch to the context; until here the test runs on its own thread
        using var memory = new EntryMemory(Limit, policy);
        for (var i = 0; i < 1_000; i++)
        {
            await Instance.UntilAsync(() => memory.Put(Name(i), Entry(500)));
            for (var held = 0; held <= i * 5; held++)
                memory.Use(Name(held % (i + 1)), i);
        }

        Assert.NotNull(memory.Find(Name(999)));
        Assert.InRange(memory.Positives.Count, 20, 45);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Concurrent_writers_and_readers_leave_consistent_totals(EvictionPolicy policy)
    {
        using var memory = new EntryMemory(Limit, policy);
        var maxBytes = 0L;
        var background = new BackgroundContext();
        var threads = Enumerable.Range(0, 4).Select(writer => background.NewThread(() =>
        {
            for (var i = 0; i < 30_000; i++)
            {
                var key = (i * 4 % Keys) + writer; // each key has one writer, as if it held the stripe's lock
                if (i % 5 == 0)
                    memory.Remove(Name(key));
                else if (memory.Find(Name(key)) is null || i % 3 == 0)
                    memory.Put(Name(key), Entry(i % 2_000));
                memory.Use(Name(i % Keys), (long)i << 20);
                if (memory.Positives.Bytes is var bytes && bytes > Volatile.Read(ref maxBytes))
                    Volatile.Write(ref maxBytes, bytes);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        background.AwaitIdle(); // an eviction started by the last writers could otherwise run between the two checks below

        Assert.InRange(maxBytes, 1, Limit);
        var held = Enumerable.Range(0, Keys).Where(key => memory.Find(Name(key)) is not null).ToArray();
        Assert.Equal(held.Length, memory.Positives.Count);
        foreach (var key in held)
            memory.Remove(Name(key));
        Assert.True(memory.IsEmpty);
        Assert.Equal(0, memory.Positives.Count);
        if (policy == EvictionPolicy.LeastRecentlyUsed) // S3-FIFO also counts its ghost queue
            Assert.Equal(0, memory.Positives.Bytes);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Reader_finds_an_entry_at_any_time_while_it_is_replaced(EvictionPolicy policy)
    {
        using var memory = new EntryMemory(Limit, policy);
        Assert.True(memory.Put("u1", Entry(100)));
        var (isDone, missed) = (false, 0);
        var readers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                if (memory.Find("u1") is null)
                    Interlocked.Increment(ref missed);
            }
        })).ToList();
        readers.ForEach(reader => reader.Start());

        for (var i = 0; i < 100_000; i++)
            memory.Put(new string("u1"), i % 2 == 0 ? Entry(100) : Entry(200));
        Volatile.Write(ref isDone, true);
        readers.ForEach(reader => reader.Join());

        Assert.Equal(0, missed);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Entry_that_was_put_several_times_is_not_found_after_it_is_removed(EvictionPolicy policy)
    {
        using var memory = new EntryMemory(Limit, policy);
        for (var i = 0; i < 3; i++)
            Assert.True(memory.Put(Name(1), Entry(100)));
        memory.Remove(Name(1));
        Assert.Null(memory.Find(Name(1)));

        for (var i = 0; i < 3; i++)
            Assert.True(memory.Put(Name(1), Entry(100)));
        memory.Clear();
        Assert.Null(memory.Find(Name(1)));
    }

    /// <param name="start">The time of the first use. The noted time of use wraps around after 2^52 ticks, which is 14 years.</param>
    [Theory]
    [InlineData(0)]
    [InlineData((1L << 51) - (20 * TimeSpan.TicksPerSecond))]
    [InlineData((1L << 52) - (20 * TimeSpan.TicksPerSecond))]
    [InlineData((3L << 52) - (20 * TimeSpan.TicksPerSecond))]
    [InlineData(3L << 52)]
    public async Task Full_cache_evicts_the_least_recently_used_entries(long start)
    {
        SerialContext.Install();
        await Task.Yield(); // switch to the context; until here the test runs on its own thread
        using var memory = new EntryMemory(Limit, EvictionPolicy.LeastRecentlyUsed);
        var held = 0;
        while (memory.Put(Name(held), Entry(500, start)))
            held++;
        foreach (var key in Enumerable.Range(0, held).Where(key => key != 3))
            Assert.NotNull(memory.Use(Name(key), start + ((held - key) * TimeSpan.TicksPerSecond)));

        await Instance.UntilAsync(() => memory.Put("other", Entry(500, start + (10 * TimeSpan.TicksPerSecond))));

        // A twentieth was evicted: the unused entry and the least recently used one.
        Assert.InRange(held, 40, 59);
        Assert.Equal([3, held - 1], Enumerable.Range(0, held).Where(key => memory.Find(Name(key)) is null));
        Assert.Equal(2, memory.CapacityEvictions);
    }

    [Fact]
    public async Task Full_cache_evicts_an_entry_that_was_not_used_for_years()
    {
        SerialContext.Install();
        await Task.Yield(); // switch to the context; until here the test runs on its own thread
        using var memory = new EntryMemory(Limit, EvictionPolicy.LeastRecentlyUsed);
        memory.Put("old", Entry(500));
        var now = 12 * 365 * TimeSpan.TicksPerDay;
        for (var held = 0; memory.Put(Name(held), Entry(500, now)); held++)
            memory.Use(Name(held), now);

        await Instance.UntilAsync(() => memory.Put("other", Entry(500, now)));

        Assert.Null(memory.Find("old"));
    }

    private static StampedEntry NoUser => CacheEntries.ForUser(null, 0, EntryStamp.ForRead(0, null));

    private static StampedEntry Entry(int size, long at = 0) =>
        CacheEntries.ForUser(new UserDocument(Encoding.UTF8.GetBytes(new string('x', size)), "\"1\"", 1, DateTimeOffset.UnixEpoch, []), 0, EntryStamp.ForRead(at, null));

    private static string Name(int key) => $"u{key}";

    private static bool HoldsOnly(EntryMemory memory, StampedEntry?[] last)
    {
        for (var key = 0; key < Keys; key += 7) // checking every key would mark every key as used
        {
            if (memory.Find(Name(key)) is { } found && !ReferenceEquals(found, last[key]))
                return false;
        }

        return true;
    }
}
