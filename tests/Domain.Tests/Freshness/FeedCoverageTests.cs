using Lookup.Domain.Freshness;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests which states of a partition an instance has followed, through splits, new versions, gaps and users that are closed.</summary>
public sealed class FeedCoverageTests
{
    private const string User = "u1";
    private const ulong Hash = 1;

    private static readonly LogPartition Zero = new("0", -1);

    private readonly FakeTimeProvider _time = new();
    private readonly FreshnessTracker _freshness;
    private readonly LsnSketches _lsns = new(1 << 16);
    private readonly FeedCoverage _coverage;

    public FeedCoverageTests()
    {
        _freshness = new FreshnessTracker(_time);
        _freshness.Coverage = _coverage = new FeedCoverage(_lsns, _freshness);
        _freshness.BeginEpochs(null, 1);
    }

    [Fact]
    public void First_end_covers_what_is_not_below_it()
    {
        Poll(Zero, 10);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(Zero, 9), Check(Zero, 10)));
        Assert.Equal((10, 10), _coverage.Of(0));
    }

    [Fact]
    public void Coverage_begins_at_the_highest_LSN_that_a_result_has_shown()
    {
        _lsns.Raise(new LogPosition(Zero, 20), 7UL << 32);

        Poll(Zero, 10);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(Zero, 19), Check(Zero, 20)));
    }

    [Fact]
    public void Later_ends_keep_the_coverage_and_a_gap_ends_it()
    {
        Poll(Zero, 10);
        Poll(Zero, 15);
        Assert.Equal((10, 15), _coverage.Of(0));

        _freshness.EndEpoch();
        Assert.Equal(CoverageGaps.NotArmed, Check(Zero, 20));
        Assert.Null(_coverage.Of(0));
        Poll(Zero, 18);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(Zero, 17), Check(Zero, 18)));
    }

    [Fact]
    public void Another_version_is_covered_from_an_end_of_a_poll_that_was_sent_after_it_was_named()
    {
        var next = Zero with { Version = 2 };
        Poll(Zero, 10);
        _lsns.Raise(new LogPosition(Zero, 12), 7UL << 32);
        _lsns.Raise(new LogPosition(next, 1), 7UL << 32);

        Poll(next, 3);
        Assert.Equal((CoverageGaps.NotCovered, true), (Check(next, 50), Check(Zero, 50) != CoverageGaps.None));
        Poll(next, 4);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(next, 3), Check(next, 4)));
    }

    [Fact]
    public void Child_of_a_partition_that_has_returned_users_is_covered_from_a_later_poll()
    {
        _lsns.Raise(new LogPosition(new LogPartition("parent", -1), 50), 7UL << 32);

        Poll(Zero, 3);
        Assert.Equal(CoverageGaps.NotCovered, Check(Zero, 60));
        Poll(Zero, 4);

        Assert.Equal(CoverageGaps.None, Check(Zero, 4));
    }

    [Fact]
    public void Range_that_has_split_is_not_covered()
    {
        Poll(Zero, 10);
        _freshness.NotePartition(0, null);

        Assert.Equal(CoverageGaps.OtherPartition, Check(Zero, 10));
    }

    [Fact]
    public void Page_without_a_position_uncovers_the_range_until_the_end_of_a_later_poll()
    {
        Poll(Zero, 10);
        var sentAt = Tick();
        Tick();
        _coverage.NoteUnknownPage(_freshness.Current[0]);

        _freshness.Confirm(_freshness.Current[0], sentAt, [new LogPosition(Zero, 12)]);
        Assert.Equal(CoverageGaps.NotCovered, Check(Zero, 20));
        Poll(Zero, 13);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(Zero, 12), Check(Zero, 13)));
    }

    [Fact]
    public void Result_of_a_new_partition_ends_the_coverage_until_the_feed_is_restarted()
    {
        Poll(Zero, 10);
        _coverage.End(Zero, new LogPartition("child", -1));
        Poll(Zero, 12);
        Assert.Equal(CoverageGaps.NotCovered, Check(Zero, 20));

        _freshness.BeginEpochs(null, 1);
        Poll(Zero, 13);

        Assert.Equal(CoverageGaps.None, Check(Zero, 13));
    }

    [Fact]
    public void Result_of_an_earlier_partition_or_version_does_not_end_the_coverage()
    {
        var next = Zero with { Version = 2 };
        Poll(Zero, 10);
        Poll(next, 3);
        Poll(next, 4);
        _coverage.End(next, Zero);
        _coverage.End(next, Zero with { Version = 1 });
        Assert.Equal(CoverageGaps.None, Check(next, 4));

        var recreated = Zero with { Log = 2 };
        _freshness.BeginEpochs(null, 1);
        Poll(recreated, 5);
        Poll(recreated, 5);
        _coverage.End(recreated, new LogPartition("old", 3));
        Assert.Equal(CoverageGaps.None, Check(recreated, 5));
    }

    [Fact]
    public void Partition_whose_known_LSNs_were_removed_is_refused()
    {
        Poll(Zero, 10);
        _lsns.RemoveBefore(2);

        Assert.Equal(CoverageGaps.Behind, Check(Zero, 20));
    }

    [Fact]
    public void Results_of_other_ranges_do_not_delay_the_coverage()
    {
        _freshness.BeginEpochs(null, 2);
        var one = new LogPartition("1", -1);
        _freshness.NotePartition(1, one);
        _lsns.Raise(new LogPosition(one, 50), 7UL << 32);

        Poll(Zero, 10);

        Assert.Equal((10, 10), _coverage.Of(0));
        Assert.True(_lsns.IsFirst(Zero, _freshness.Followed));
    }

    [Fact]
    public void User_is_closed_until_the_end_of_a_poll_that_was_sent_later()
    {
        Poll(Zero, 10);
        var sentAt = Tick();
        Tick();
        _coverage.Close(Hash, User);

        _freshness.Confirm(_freshness.Current[0], sentAt, [new LogPosition(Zero, 14)]);
        Assert.Equal(CoverageGaps.Closed, Check(Zero, 20));
        Poll(Zero, 16);

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(Zero, 15), Check(Zero, 16)));
    }

    [Fact]
    public void User_is_closed_until_an_end_of_its_own_partition_at_the_LSN_of_its_change()
    {
        _freshness.BeginEpochs(new Halves(), 2);
        var one = new LogPartition("1", -1);
        Poll(Zero, 10);
        _coverage.Close(Hash, User, 12);
        Poll(one, 20, range: 1);
        Poll(Zero, 11);
        Assert.Equal(CoverageGaps.Closed, Check(Zero, 20));
        _coverage.Close(Hash, User); // the LSN of the change before still applies
        Poll(Zero, 11);
        Assert.Equal(CoverageGaps.Closed, Check(Zero, 20));

        Poll(Zero, 12);

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(Zero, 11), Check(Zero, 12)));
    }

    [Fact]
    public void Too_many_closed_users_close_all()
    {
        Poll(Zero, 10);
        for (ulong hash = 1000; hash <= 1000 + FeedCoverage.MaxClosed; hash++)
            _coverage.Close(hash, User);

        Assert.Equal(CoverageGaps.NotCovered, Check(Zero, 20));
        Poll(Zero, 16);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(Zero, 15), Check(Zero, 16)));
    }

    private void Poll(LogPartition partition, long lsn, int range = 0)
    {
        var sentAt = Tick();
        Tick();
        _freshness.NotePartition(range, partition);
        Tick();
        _freshness.Confirm(_freshness.Current[range], sentAt, [new LogPosition(partition, lsn)]);
    }

    private long Tick()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return _freshness.Clock.Now;
    }

    private CoverageGaps Check(LogPartition partition, long lsn) => _coverage.Check(User, Hash, new LogPosition(partition, lsn), out _);

    private sealed class Halves : IFeedPartitioner
    {
        public int RangeOf(string partitionKey) => partitionKey == User ? 0 : 1;
    }
}
