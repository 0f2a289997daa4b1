using Lookup.Soak.Checking;
using Lookup.Soak.Load;

namespace Lookup.Soak.Tests;

/// <summary>Tests with synthetic histories: the checker must accept responses within the guarantees, and no others.</summary>
public sealed class CheckerTests
{
    private const int User = 0;
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly Population _users = new(4, findable: 2, still: 0);
    private readonly LagLog _lags = new();
    private readonly List<Violation> _violations = [];
    private readonly InstanceLife _life = new(0, 1, 4);

    private UserHistory History => _users.Histories[User];

    [Fact]
    public void Newest_version_is_accepted()
    {
        Write(1, 2);

        See(2, began: 100);

        Assert.Empty(_violations);
    }

    [Fact]
    public void Older_version_within_the_bound_is_accepted_and_its_staleness_is_recorded()
    {
        Write(10, 20);

        var checker = See(1, began: 22);

        Assert.Empty(_violations);
        Assert.Equal(TimeSpan.FromSeconds(2), checker.GreatestStaleness);
    }

    [Fact]
    public void Older_version_beyond_the_bound_breaks_G1()
    {
        Write(10, 20);

        See(1, began: 23.1);

        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Lag_extends_the_bound_by_its_length()
    {
        Write(10, 20);
        _lags.Set(19 * Second, TimeSpan.FromSeconds(1));

        See(1, began: 23.9);
        Assert.Empty(_violations);
        See(1, began: 24.1);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Version_below_one_received_before_breaks_G3()
    {
        Write(10, 20);

        See(1, began: 21, delivered: 2);

        Assert.Equal("G3", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Received_version_is_the_minimum_for_the_next_request()
    {
        Write(10, 20);

        See(2, began: 21);

        Assert.Equal(2, _life.DeliveredOf(User));
    }

    [Fact]
    public void Version_from_before_an_eviction_breaks_G2()
    {
        Write(10, 20);

        See(1, began: 21, evicted: 20.5);

        Assert.Equal("G2", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Version_from_before_an_eviction_is_accepted_as_long_as_replicas_may_lag()
    {
        Write(10, 20);
        _lags.Set(0, TimeSpan.FromSeconds(1));

        See(1, began: 21, evicted: 20.5);

        Assert.Empty(_violations);
    }

    /// <summary>The entry was evicted while all replicas were up to date, and then read from a replica that lags.</summary>
    [Fact]
    public void Version_from_before_an_eviction_is_accepted_if_a_replica_that_began_to_lag_later_may_show_it()
    {
        Write(10, 20);
        _lags.Set(21 * Second, TimeSpan.FromSeconds(1.5));

        See(1, began: 21, evicted: 20.5);

        Assert.Empty(_violations);
    }

    [Fact]
    public void Version_from_before_an_eviction_breaks_G2_if_no_replica_that_began_to_lag_later_may_show_it()
    {
        Write(10, 20);
        _lags.Set(21 * Second, TimeSpan.FromSeconds(0.9));

        See(1, began: 21, evicted: 20.5);

        Assert.Equal("G2", Assert.Single(_violations).Promise);
    }

    /// <summary>The users are written before the instances can reach the container; a lagging replica shows its state before that.</summary>
    [Fact]
    public void User_of_a_recreated_container_may_be_absent_while_replicas_may_lag()
    {
        Write(10);
        Delete(20); // with the old container
        Write(20.5);
        _lags.Set(21 * Second, TimeSpan.FromSeconds(1));

        See(Observation.Absent, began: 21.1, evicted: 20.7, delivered: 1);
        Assert.Empty(_violations);
        See(Observation.Absent, began: 24.7);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Version_that_was_never_written_is_reported()
    {
        Write(10);

        See(2, began: 11);

        Assert.Equal("invention", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void No_such_user_is_the_version_of_the_delete()
    {
        Write(10);
        Delete(20);
        Write(30);

        See(Observation.Absent, began: 32);
        Assert.Empty(_violations);
        See(Observation.Absent, began: 33.1);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void No_such_user_for_a_user_that_was_never_deleted_breaks_G1()
    {
        Write(10);

        See(Observation.Absent, began: 14);

        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Deleted_user_may_be_returned_for_longer_if_the_feed_shows_no_deletes()
    {
        Write(10);
        Delete(20);

        See(1, began: 27, unseen: 8);
        Assert.Empty(_violations);
        See(1, began: 28.1, unseen: 8);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Theory]
    [InlineData("no-cache", 20.1)]
    [InlineData("max-age=0", 20.1)]
    [InlineData("max-age=1", 21.1)]
    [InlineData("min-fresh", 22.1)]
    public void Request_may_ask_for_a_stricter_bound(string text, double began)
    {
        Write(10, 20);
        var directives = text switch
        {
            "no-cache" => Directives.NoCacheOnly,
            "max-age=0" => Directives.MaxAgeZero,
            "max-age=1" => Directives.MaxAgeOne,
            _ => Directives.FreshFor(1),
        };

        See(1, began - 0.2, directives: directives);
        Assert.Empty(_violations);
        See(1, began, directives: directives);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Stale_response_is_accepted_within_the_allowed_staleness()
    {
        Write(10, 20);

        See(1, began: 24.9, directives: Directives.StaleBy(2), stale: true);
        Assert.Empty(_violations);
        See(1, began: 25.1, directives: Directives.StaleBy(2), stale: true);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Stale_response_that_the_request_did_not_allow_breaks_G1()
    {
        Write(10);

        See(1, began: 11, stale: true);

        Assert.Equal("G1", Assert.Single(_violations).Promise);
    }

    [Fact]
    public void Stale_response_instead_of_an_error_requires_stale_if_error()
    {
        Write(10);

        See(1, began: 11, directives: Directives.StaleOnError(20), stale: true, insteadOfError: true);
        Assert.Empty(_violations);
        See(1, began: 11, directives: Directives.StaleBy(20), stale: true, insteadOfError: true);
        Assert.Equal("G1", Assert.Single(_violations).Promise);
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

    private void Write(params double[] times)
    {
        foreach (var time in times)
            History.Acknowledge(History.Send(Ticks(time) - 1, isAbsent: false, address: 1), Ticks(time));
    }

    private void Delete(double time) => History.Acknowledge(History.Send(Ticks(time) - 1, isAbsent: true, address: -1), Ticks(time));

    private Checker See(
        int version,
        double began,
        int delivered = 0,
        double? evicted = null,
        double? unseen = null,
        Directives? directives = null,
        bool stale = false,
        bool insteadOfError = false)
    {
        var checker = CheckerOf(unseen);
        checker.Check(Seen(version, began) with
        {
            DeliveredBefore = delivered,
            EvictedBefore = evicted is { } at ? Ticks(at) : long.MinValue,
            Directives = directives ?? Directives.None,
            IsStale = stale,
            IsInsteadOfError = insteadOfError,
        });
        return checker;
    }

    private Checker CheckerOf(double? unseen) => new(
        _users, [new Promises(TimeSpan.FromSeconds(3), unseen is { } time ? TimeSpan.FromSeconds(time) : null)], _lags, _violations.Add);

    private Observation Seen(int version, double began) => new()
    {
        Life = _life,
        User = User,
        Version = version,
        Directives = Directives.None,
        Began = Ticks(began),
        Ended = Ticks(began) + TimeSpan.TicksPerMillisecond,
        DeliveredBefore = 0,
        EvictedBefore = long.MinValue,
        IsStale = false,
        IsInsteadOfError = false,
    };

    private static long Ticks(double seconds) => (long)(seconds * Second);
}
