using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests which physical partition a feed range has. A wrong one would make positions comparable that are not.</summary>
public sealed class RangePartitionsTests
{
    private static readonly LogPartition Zero = new("0", -1);
    private readonly RangePartitions _partitions = new(2);

    [Fact]
    public void Range_has_the_partition_that_returned_its_pages()
    {
        _partitions.Note(1, Zero);
        _partitions.Note(1, Zero);

        Assert.Equal((null, Zero, null), (_partitions.Of(0), _partitions.Of(1), _partitions.Of(2)));
    }

    [Fact]
    public void Later_version_of_the_partition_takes_its_place_and_the_earlier_one_does_not_return()
    {
        var next = Zero with { Version = 3 };
        _partitions.Note(0, Zero);
        _partitions.Note(0, next);
        _partitions.Note(0, Zero);

        Assert.Equal(next, _partitions.Of(0));
    }

    [Fact]
    public void Range_that_has_split_has_no_single_partition_from_then_on()
    {
        _partitions.Note(0, Zero);
        _partitions.Note(0, new LogPartition("7", -1));
        _partitions.Note(0, new LogPartition("7", -1));

        Assert.Null(_partitions.Of(0));
    }

    [Fact]
    public void Range_with_several_parts_has_no_single_partition_even_if_only_one_of_them_has_responded()
    {
        _partitions.Note(0, null);
        _partitions.Note(0, new LogPartition("7", -1));

        Assert.Null(_partitions.Of(0));
    }

    [Fact]
    public void Range_that_is_not_known_any_more_is_ignored()
    {
        _partitions.Note(2, Zero);

        Assert.Null(_partitions.Of(2));
    }
}
