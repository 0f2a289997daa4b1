using Lookup.Soak.Checking;

namespace Lookup.Soak.Tests;

/// <summary>Tests with synthetic histories: the checker must accept responses within the guarantees, and no others.</summary>
public sealed class CheckerTests : SyntheticHistory
{
    [Fact]
    public void Newest_version_is_accepted()
    {
        Write(1, 2);

        See(2, began: 100);

        Assert.Empty(Violations);
    }

    [Fact]
    public void Older_version_within_the_bound_is_accepted_and_its_staleness_is_recorded()
    {
        Write(10, 20);

        var checker = See(1, began: 22);

        Assert.Empty(Violations);
        Assert.Equal(TimeSpan.FromSeconds(2), checker.GreatestStaleness);
    }

    [Fact]
    public void Older_version_beyond_the_bound_breaks_G1()
    {
        Write(10, 20);

        See(1, began: 23.1);

        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Lag_extends_the_bound_by_its_length()
    {
        Write(10, 20);
        Lags.Set(19 * Second, TimeSpan.FromSeconds(1));

        See(1, began: 23.9);
        Assert.Empty(Violations);
        See(1, began: 24.1);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Version_below_one_received_before_breaks_G3()
    {
        Write(10, 20);

        See(1, began: 21, delivered: 2);

        Assert.Equal("G3", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Received_version_is_the_minimum_for_the_next_request()
    {
        Write(10, 20);

        See(2, began: 21);

        Assert.Equal(2, Life.DeliveredOf(User));
    }

    [Fact]
    public void Version_from_before_an_eviction_breaks_G2()
    {
        Write(10, 20);

        See(1, began: 21, evicted: 20.5);

        Assert.Equal("G2", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Version_from_before_an_eviction_is_accepted_as_long_as_replicas_may_lag()
    {
        Write(10, 20);
        Lags.Set(0, TimeSpan.FromSeconds(1));

        See(1, began: 21, evicted: 20.5);

        Assert.Empty(Violations);
    }

    /// <summary>The entry was evicted while all replicas were up to date, and then read from a replica that lags.</summary>
    [Fact]
    public void Version_from_before_an_eviction_is_accepted_if_a_replica_that_began_to_lag_later_may_show_it()
    {
        Write(10, 20);
        Lags.Set(21 * Second, TimeSpan.FromSeconds(1.5));

        See(1, began: 21, evicted: 20.5);

        Assert.Empty(Violations);
    }

    [Fact]
    public void Version_from_before_an_eviction_breaks_G2_if_no_replica_that_began_to_lag_later_may_show_it()
    {
        Write(10, 20);
        Lags.Set(21 * Second, TimeSpan.FromSeconds(0.9));

        See(1, began: 21, evicted: 20.5);

        Assert.Equal("G2", Assert.Single(Violations).Promise);
    }

    /// <summary>The users are written before the instances can reach the container; a lagging replica shows its state before that.</summary>
    [Fact]
    public void User_of_a_recreated_container_may_be_absent_while_replicas_may_lag()
    {
        Write(10);
        Delete(20); // with the old container
        Write(20.5);
        Lags.Set(21 * Second, TimeSpan.FromSeconds(1));

        See(Observation.Absent, began: 21.1, evicted: 20.7, delivered: 1);
        Assert.Empty(Violations);
        See(Observation.Absent, began: 24.7);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Version_that_was_never_written_is_reported()
    {
        Write(10);

        See(2, began: 11);

        Assert.Equal("invention", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void No_such_user_is_the_version_of_the_delete()
    {
        Write(10);
        Delete(20);
        Write(30);

        See(Observation.Absent, began: 32);
        Assert.Empty(Violations);
        See(Observation.Absent, began: 33.1);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void No_such_user_for_a_user_that_was_never_deleted_breaks_G1()
    {
        Write(10);

        See(Observation.Absent, began: 14);

        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void Deleted_user_may_be_returned_for_longer_if_the_feed_shows_no_deletes()
    {
        Write(10);
        Delete(20);

        See(1, began: 27, unseen: 8);
        Assert.Empty(Violations);
        See(1, began: 28.1, unseen: 8);
        Assert.Equal("G1", Assert.Single(Violations).Promise);
    }

    [Fact]
    public void User_with_an_address_in_all_versions_within_the_bound_must_be_listed()
    {
        var version = History.Send(10 * Second, isAbsent: false, address: 1);
        History.Acknowledge(version, 10 * Second);
        var checker = CheckerOf(null);

        Assert.False(checker.MustHave(Seen(Observation.Absent, 12.9), 1)); // may still be from before
        Assert.True(checker.MustHave(Seen(Observation.Absent, 13.1), 1));
        Assert.False(checker.MustHave(Seen(Observation.Absent, 13.1), 2));
        History.Send(14 * Second, isAbsent: false, address: 2);
        Assert.False(checker.MustHave(Seen(Observation.Absent, 14.1), 1)); // may have moved already
    }
}
