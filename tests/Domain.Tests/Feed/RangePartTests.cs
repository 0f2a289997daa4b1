using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests which pages come from a replica that lags behind an earlier page of the same part, and that they change nothing that is known.</summary>
public sealed class RangePartTests
{
    private static readonly LogPartition Known = new("0", 5);
    private static readonly RangePart Part = RangePart.From(new FeedPosition("0", "a")).After(Page(new LogPosition(Known, 50)));

    [Theory]
    [InlineData("0", 5, 49, true)]
    [InlineData("0", 5, 50, false)]
    [InlineData("0", 4, 90, true)] // of before a failover that an earlier page has shown
    [InlineData("0", 6, 1, false)] // of after another failover
    [InlineData("1", 4, 1, false)] // a child of a split
    public void Page_is_behind_if_its_replica_has_not_reached_the_position_of_an_earlier_one(string id, long version, long lsn, bool isBehind)
    {
        var page = Page(new LogPosition(new LogPartition(id, version), lsn));

        Assert.Equal(isBehind, Part.IsBehind(page));
        Assert.Equal(new RangePart(new FeedPosition("0", "b"), isBehind ? Part.Reached : page.Position), Part.After(page));
    }

    [Fact]
    public void Page_without_a_position_changes_nothing_that_is_known()
    {
        Assert.False(Part.IsBehind(Page(default)));
        Assert.Equal(Part.Reached, Part.After(Page(default)).Reached);
    }

    [Theory]
    [InlineData(7, 9, 7, true)]
    [InlineData(9, 9, 9, true)]
    [InlineData(10, 9, 9, false)]
    public void LSN_of_a_change_that_its_page_had_not_reached_is_not_believed(long stated, long reached, long expected, bool canUpdate)
    {
        var change = new UserChange(UserKey.Create("u1"), stated, []) { Document = () => null }.At(new LogPosition(Known, reached));

        Assert.Equal((new LogPosition(Known, expected), canUpdate), (change.Position, change.Document is not null));
    }

    private static FeedPage Page(LogPosition position) => new([], [new FeedPosition("0", "b")], true, 0, 1) { Position = position };
}
