using Lookup.Local.Load;

namespace Lookup.Local.Tests;

public sealed class ZipfDistributionTests
{
    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.54, 1)]
    [InlineData(0.55, 2)]
    [InlineData(0.81, 2)]
    [InlineData(0.82, 3)]
    [InlineData(0.999999, 3)]
    public void RankAt_gives_each_rank_its_share(double part, int rank) =>
        Assert.Equal(rank, new ZipfDistribution(3).RankAt(part)); // 6/11, 3/11 and 2/11 of all

    [Fact]
    public void RankAt_stays_within_the_ranks()
    {
        var one = new ZipfDistribution(1);
        Assert.Equal([1, 1], [one.RankAt(0), one.RankAt(Math.BitDecrement(1))]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZipfDistribution(0));
    }
}
