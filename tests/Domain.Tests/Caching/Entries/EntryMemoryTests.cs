using System.Text;
using CsCheck;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Entries;

/// <summary>What every eviction policy must keep: the size, and that nothing comes back that was replaced or removed.</summary>
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
                            last[key] = size < 300 ? Nobody : Entry(size);
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
    public void An_entry_larger_than_memory_is_not_kept_and_what_it_replaces_is_gone(EvictionPolicy policy)
    {
        using var memory = new EntryMemory(Limit, policy);
        Assert.True(memory.Put("u1", Entry(100)));

        Assert.False(memory.Put("u1", Entry(Limit)));

        Assert.Null(memory.Find("u1"));
        Assert.True(memory.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task A_full_memory_takes_in_others_though_all_that_it_holds_is_in_use(EvictionPolicy policy)
    {
        SerialContext.Install();
        await Task.Yield(); // into it: until here the test has a thread of its own
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
    public void Writers_and_readers_side_by_side_leave_what_adds_up(EvictionPolicy policy)
    {
        using var memory = new EntryMemory(Limit, policy);
        var mostBytes = 0L;
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
                if (memory.Positives.Bytes is var bytes && bytes > Volatile.Read(ref mostBytes))
                    Volatile.Write(ref mostBytes, bytes);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        background.AwaitIdle(); // the last writers may have left room to be made, which would go on between the two looks below

        Assert.InRange(mostBytes, 1, Limit);
        var held = Enumerable.Range(0, Keys).Where(key => memory.Find(Name(key)) is not null).ToArray();
        Assert.Equal(held.Length, memory.Positives.Count);
        foreach (var key in held)
            memory.Remove(Name(key));
        Assert.True(memory.IsEmpty);
        Assert.Equal(0, memory.Positives.Count);
        if (policy == EvictionPolicy.LeastRecentlyUsed) // the other one also counts what it remembers of keys that gave way
            Assert.Equal(0, memory.Positives.Bytes);
    }

    [Fact]
    public async Task Full_memory_makes_room_by_what_was_unused_for_longest()
    {
        SerialContext.Install();
        await Task.Yield(); // into it: until here the test has a thread of its own
        using var memory = new EntryMemory(Limit, EvictionPolicy.LeastRecentlyUsed);
        var held = 0;
        while (memory.Put(Name(held), Entry(500)))
            held++;
        foreach (var key in Enumerable.Range(0, held).Where(key => key != 3))
            Assert.NotNull(memory.Use(Name(key), (held - key) * TimeSpan.TicksPerSecond));

        await Instance.UntilAsync(() => memory.Put("other", Entry(500)));

        // A twentieth gave way: the one that was not used, and the one whose use is the longest ago.
        Assert.InRange(held, 40, 59);
        Assert.Equal([3, held - 1], Enumerable.Range(0, held).Where(key => memory.Find(Name(key)) is null));
        Assert.Equal(2, memory.CapacityEvictions);
    }

    private static StampedEntry Nobody => CacheEntries.ForUser(null, 0, null);

    private static StampedEntry Entry(int size) =>
        CacheEntries.ForUser(new UserDocument(Encoding.UTF8.GetBytes(new string('x', size)), "\"1\"", 1, DateTimeOffset.UnixEpoch, []), 0, null);

    private static string Name(int key) => $"u{key}";

    private static bool HoldsOnly(EntryMemory memory, StampedEntry?[] last)
    {
        for (var key = 0; key < Keys; key += 7) // to look at all of them would make all of them used alike
        {
            if (memory.Find(Name(key)) is { } found && !ReferenceEquals(found, last[key]))
                return false;
        }

        return true;
    }
}
