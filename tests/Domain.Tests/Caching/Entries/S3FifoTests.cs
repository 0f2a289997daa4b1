using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Caching.Entries;

/// <summary>Who gives way under S3-FIFO. The entries here have one size, and a hundred of them fit.</summary>
public sealed class S3FifoTests : IDisposable
{
    private const int Room = 100;

    private static readonly StampedEntry Nobody = CacheEntries.ForUser(null, 0, null);
    private static readonly long Size = Nobody.SizeWith("u0000");

    private readonly S3FifoSection _section = new(Room * Size);

    [Fact]
    public void Users_that_were_asked_for_again_outlast_a_scan()
    {
        PutAll(0, 50);
        FindAll(0, 50);

        PutAll(1_000, 2_000);

        Assert.Equal(50, CountOf(0, 50));
    }

    [Fact]
    public void Users_that_nobody_asks_for_again_give_way_in_the_order_they_came()
    {
        PutAll(0, Room);

        PutAll(1_000, 10);

        Assert.Equal(0, CountOf(0, 10));
        Assert.Equal(Room - 15, CountOf(15, Room - 15)); // a few more made room for the notes of those that went
    }

    [Fact]
    public void A_user_that_comes_back_soon_after_giving_way_outlasts_a_scan()
    {
        PutAll(0, Room + 10);
        Assert.Equal(0, CountOf(0, 5));

        PutAll(0, 5);
        PutAll(1_000, 200);

        Assert.Equal(5, CountOf(0, 5));
    }

    [Fact]
    public void Users_that_were_once_in_demand_give_way_when_nobody_asks_for_them_any_more()
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
    public void A_user_that_is_put_again_keeps_its_place()
    {
        PutAll(0, 50);
        FindAll(0, 50);
        PutAll(1_000, 200);

        PutAll(0, 50);
        PutAll(2_000, 200);

        Assert.Equal(50, CountOf(0, 50));
    }

    [Fact]
    public void A_user_that_is_put_again_keeps_its_uses()
    {
        PutAll(0, 50);
        FindAll(0, 50);

        PutAll(0, 50);
        PutAll(1_000, 200);

        Assert.Equal(50, CountOf(0, 50));
    }

    [Fact]
    public void Notes_of_who_gave_way_are_part_of_the_size_and_bounded()
    {
        PutAll(0, 10_000 - 1);

        var (count, bytes) = _section.Size;

        Assert.InRange(bytes, (Room - 2) * Size, Room * Size);
        Assert.InRange(bytes - (count * Size), 1, Room * Size / 16);
    }

    [Fact]
    public void Clear_forgets_who_gave_way_as_well()
    {
        PutAll(0, 500);

        _section.Clear();

        Assert.Equal((0, 0), _section.Size);
    }

    public void Dispose() => _section.Dispose();

    private static string Name(int key) => $"u{key:d4}";

    private void PutAll(int first, int count)
    {
        for (var i = first; i < first + count; i++)
            Assert.True(_section.Put(Name(i), Nobody));
    }

    private void FindAll(int first, int count) => CountOf(first, count);

    private int CountOf(int first, int count) => Enumerable.Range(first, count).Count(key => _section.Use(Name(key), 0) is not null);
}
