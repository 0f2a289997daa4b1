using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Caching.Entries;

/// <summary>Tests the eviction order of S3-FIFO. All entries have the same size, and the capacity is a hundred of them.</summary>
public sealed class S3FifoTests : IDisposable
{
    private const int Capacity = 100;

    private static readonly StampedEntry NoUser = CacheEntries.ForUser(null, 0, EntryStamp.ForRead(0, null));
    private static readonly long Size = SizeOfOne();

    private readonly S3FifoSection _section = new(Capacity * Size);

    [Fact]
    public void Users_requested_again_outlast_a_scan()
    {
        PutAll(0, 50);
        FindAll(0, 50);

        PutAll(1_000, 2_000);

        Assert.Equal(50, CountOf(0, 50));
    }

    [Fact]
    public void Users_not_requested_again_are_evicted_in_insertion_order()
    {
        PutAll(0, Capacity);

        PutAll(1_000, 10);

        Assert.Equal(0, CountOf(0, 10));
        Assert.Equal(Capacity - 15, CountOf(15, Capacity - 15)); // a few more were evicted to make room for the ghost queue
    }

    [Fact]
    public void User_added_again_soon_after_its_eviction_outlasts_a_scan()
    {
        PutAll(0, Capacity + 10);
        Assert.Equal(0, CountOf(0, 5));

        PutAll(0, 5);
        PutAll(1_000, 200);

        Assert.Equal(5, CountOf(0, 5));
    }

    [Fact]
    public void Formerly_popular_users_are_evicted_when_requests_for_them_stop()
    {
        PutAll(0, 80);
        for (var i = 0; i < 10; i++)
            FindAll(0, 80);
        PutAll(1_000, 200);
        Assert.Equal(80, CountOf(0, 80));

        for (var round = 2; round < 60; round++)
        {
            PutAll(round * 100, 20);
            FindAll(round * 100, 20);
        }

        Assert.InRange(CountOf(0, 80), 0, 5);
    }

    [Fact]
    public void User_put_again_keeps_its_place()
    {
        PutAll(0, 50);
        FindAll(0, 50);
        PutAll(1_000, 200);

        PutAll(0, 50);
        PutAll(2_000, 200);

        Assert.Equal(50, CountOf(0, 50));
    }

    [Fact]
    public void User_put_again_keeps_its_use_count()
    {
        PutAll(0, 50);
        FindAll(0, 50);

        PutAll(0, 50);
        PutAll(1_000, 200);

        Assert.Equal(50, CountOf(0, 50));
    }

    [Fact]
    public void Ghost_queue_is_part_of_the_size_and_bounded()
    {
        PutAll(0, 10_000 - 1);

        var (count, bytes) = _section.Size;

        Assert.InRange(bytes, (Capacity - 2) * Size, Capacity * Size);
        Assert.InRange(bytes - (count * Size), 1, Capacity * Size / 16);
    }

    [Fact]
    public void Clear_empties_the_ghost_queue()
    {
        PutAll(0, 500);

        _section.Clear();

        Assert.Equal((0, 0), _section.Size);
    }

    public void Dispose() => _section.Dispose();

    private static long SizeOfOne()
    {
        using var section = new S3FifoSection(0);
        return section.SizeOf("u0000", NoUser);
    }

    private static string Name(int key) => $"u{key:d4}";

    private void PutAll(int first, int count)
    {
        for (var i = first; i < first + count; i++)
            Assert.True(_section.Put(Name(i), NoUser));
    }

    private void FindAll(int first, int count) => CountOf(first, count);

    private int CountOf(int first, int count) => Enumerable.Range(first, count).Count(key => _section.Use(Name(key), 0) is not null);
}
