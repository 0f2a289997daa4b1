using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests the known LSNs of keys: they only rise, belong to one partition, and take a fixed amount of memory.</summary>
public sealed class LsnSketchesTests
{
    private static readonly LogPartition Zero = new("0", -1);

    [Fact]
    public void LSN_of_a_key_only_rises_and_Raise_returns_the_one_before()
    {
        var sketches = new LsnSketches(1 << 16);
        var hash = LsnSketches.HashOf("u1");

        Assert.Equal(0, sketches.Raise(new LogPosition(Zero, 5), hash));
        Assert.Equal(5, sketches.Raise(new LogPosition(Zero, 9), hash));
        Assert.Equal(9, sketches.Raise(new LogPosition(Zero, 7), hash));
        Assert.Equal(9, sketches.Get(Zero, hash));
    }

    [Theory]
    [InlineData(8192, 8192)]
    [InlineData(8192, 1024)]
    [InlineData(8192, 1)]
    [InlineData(64, 8192)]
    public void Merged_LSNs_of_any_number_of_elements_are_not_below_those_of_the_other_instance(int ownElements, int elements)
    {
        var (own, other) = (new LsnSketches(2 * ownElements), new LsnSketches(2 * elements));
        var hashes = Enumerable.Range(0, 300).Select(i => LsnSketches.HashOf($"u{i}")).ToArray();
        foreach (var (i, hash) in hashes.Index())
            _ = (own.Raise(new LogPosition(Zero, 150), hash), other.Raise(new LogPosition(Zero, i + 1), hash));

        Assert.True(own.TryMerge(Zero, other.Copy(Zero), long.MaxValue));

        Assert.Equal((ownElements, elements), (own.Copy(Zero).Count, other.Copy(Zero).Count));
        Assert.All(hashes, hash => Assert.True(own.Get(Zero, hash) >= Math.Max(150, other.Get(Zero, hash))));
        Assert.Equal(300, own.HighestOf(Zero));
        if (elements == ownElements)
            Assert.All(hashes, hash => Assert.Equal(Math.Max(150, other.Get(Zero, hash)), own.Get(Zero, hash)));
    }

    [Fact]
    public void LSNs_are_merged_up_to_the_highest_one()
    {
        var sketches = new LsnSketches(1 << 16);

        Assert.True(sketches.TryMerge(Zero, [3, 9], 7));

        Assert.Equal([3, 7], sketches.Copy(Zero).Take(2));
        Assert.Equal(7, sketches.HighestOf(Zero));
    }

    [Fact]
    public void LSNs_of_a_version_that_was_replaced_are_not_merged()
    {
        var sketches = new LsnSketches(1 << 16);
        sketches.Raise(new LogPosition(Zero with { Version = 7 }, 5), 1);

        Assert.False(sketches.TryMerge(Zero, [9], 9));
        Assert.Equal([], sketches.Copy(Zero));
    }

    [Fact]
    public void LSN_belongs_to_the_partition_alone()
    {
        var sketches = new LsnSketches(1 << 16);
        var hash = LsnSketches.HashOf("u1");
        sketches.Raise(new LogPosition(Zero, 5), hash);

        Assert.Equal((0, 0), (sketches.Get(new LogPartition("1", -1), hash), sketches.Get(null, hash)));
    }

    [Fact]
    public void Position_that_is_not_known_raises_nothing()
    {
        var sketches = new LsnSketches(1 << 16);

        Assert.Equal((0, 0), (sketches.Raise(new LogPosition(null, 5), 1), sketches.Raise(new LogPosition(Zero, 0), 1)));
        Assert.Equal((0, 0), (sketches.Get(Zero, 1), sketches.Bytes));
    }

    [Theory]
    [InlineData(7, 1)] // a failover
    [InlineData(-1, 2)] // a recreated container
    public void Partition_that_takes_the_place_of_another_one_begins_anew_and_the_old_one_does_not_return(long version, long log)
    {
        var sketches = new LsnSketches(1 << 16);
        var hash = LsnSketches.HashOf("u1");
        sketches.Raise(new LogPosition(Zero, 50), hash);
        var next = new LogPartition("0", version, log);

        sketches.Raise(new LogPosition(next, 3), hash);
        sketches.Raise(new LogPosition(Zero, 60), hash);

        Assert.Equal((3, 0), (sketches.Get(next, hash), sketches.Get(Zero, hash)));
        Assert.True(sketches.IsBehind(new LogPosition(Zero, 60), LsnSketches.HashOf("u2")));
        Assert.False(sketches.IsBehind(new LogPosition(next, 1), LsnSketches.HashOf("u2")));
    }

    [Fact]
    public void Replica_is_behind_if_it_has_not_reached_the_LSN_of_the_key()
    {
        var sketches = new LsnSketches(1 << 16);
        var hash = LsnSketches.HashOf("u1");
        sketches.Raise(new LogPosition(Zero, 5), hash);

        Assert.Equal(
            (true, false, false, false),
            (sketches.IsBehind(new LogPosition(Zero, 4), hash), sketches.IsBehind(new LogPosition(Zero, 5), hash),
             sketches.IsBehind(new LogPosition(new LogPartition("1", -1), 1), hash), sketches.IsBehind(default, hash)));
    }

    [Fact]
    public void LSNs_of_a_recreated_container_remain_when_those_of_the_earlier_one_are_removed()
    {
        var sketches = new LsnSketches(1 << 16);
        var hash = LsnSketches.HashOf("u1");
        var (old, next) = (new LogPartition("1", -1), new LogPartition("0", -1, 2));
        sketches.Raise(new LogPosition(Zero, 50), hash);
        sketches.Raise(new LogPosition(old, 50), hash);
        sketches.Raise(new LogPosition(next, 3), hash);
        var bytes = sketches.Bytes;

        sketches.RemoveBefore(2);

        Assert.Equal((3, 0, bytes / 2), (sketches.Get(next, hash), sketches.Get(old, hash), sketches.Bytes));
    }

    [Fact]
    public void Keys_that_share_an_element_have_the_highest_LSN_of_them()
    {
        var sketches = new LsnSketches(1);
        sketches.Raise(new LogPosition(Zero, 5), LsnSketches.HashOf("u1"));

        Assert.Equal(5, sketches.Get(Zero, LsnSketches.HashOf("u2")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1 << 16)]
    public void Memory_stays_within_the_capacity_and_that_of_one_element_for_each_partition(int capacity)
    {
        var sketches = new LsnSketches(capacity);
        for (var i = 0; i < 2 * LsnSketches.MaxPartitions; i++)
            sketches.Raise(new LogPosition(new LogPartition($"{i}", -1), 5), (ulong)i << 32);

        Assert.InRange(sketches.Bytes, 1, (capacity * sizeof(long)) + (LsnSketches.MaxPartitions * (LsnSketches.BytesPerPartition + sizeof(long))));
        Assert.Equal(5, sketches.Get(new LogPartition("1000", -1), 1000ul << 32));
        Assert.Equal(0, sketches.Get(new LogPartition("2000", -1), 2000ul << 32));
    }

    [Fact]
    public void Hash_is_the_same_in_every_process() => Assert.Equal(3827533867976774313ul, LsnSketches.HashOf("u42"));

    [Fact]
    public async Task Writers_on_many_threads_leave_the_highest_LSN()
    {
        var sketches = new LsnSketches(1);
        await Task.WhenAll(Enumerable.Range(1, 8).Select(writer => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 20_000; i++)
                    sketches.Raise(new LogPosition(Zero, (i * 8L) + writer), (ulong)i);
            },
            Instance.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal((19_999 * 8) + 8, sketches.Get(Zero, 0));
    }
}
