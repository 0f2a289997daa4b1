using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests which entries of a shared tier an instance accepts. Each refused one would be older than something that it knows.</summary>
/// <remarks>In the store, u1 always has version 1, so a result with another version is from the tier.</remarks>
public sealed class AcceptanceTests
{
    private const string User = "u1";

    private static readonly UserKey Key = UserKey.Create(User);

    /// <summary>A read that neither uses nor changes the cache or the tier, except for what it shows.</summary>
    private static readonly ReadDirectives Alone = new() { NoStore = true, NoCache = true };

    private readonly FakeTier _tier = new();

    [Fact]
    public async Task Entry_that_is_proven_to_be_unchanged_saves_the_read()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);

        var first = await instance.GetAsync(User);
        var second = await instance.GetAsync(User);

        Assert.Equal((9, true, LookupSource.Miss), (first.Version(), first.IsFromSharedTier, first.Source));
        Assert.Equal((9, LookupSource.Hit), (second.Version(), second.Source));
        Assert.Equal(0, instance.Database.Reads);
        Assert.Equal(1, instance.Cache.GetStatistics().SharedTier!.Accepted);
    }

    [Fact]
    public async Task Absence_is_accepted_like_a_user()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, null, 15, 15);

        Assert.Equal((LookupStatus.NotFound, 0), ((await instance.GetAsync(User)).Status, instance.Database.Reads));
    }

    [Fact]
    public async Task Accepted_entry_has_no_read_time_and_is_fresh_by_the_feed_only()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        await instance.GetAsync(User);
        instance.Freshness.EndEpoch();
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 12 };

        Assert.Equal(1, (await instance.GetAsync(User)).Version());
        Assert.Equal([null], instance.Database.Conditions);
        Assert.Equal(1, _tier.Reads); // an entry that is cached is read again from the store
    }

    [Fact]
    public async Task Entry_is_refused_while_the_range_is_not_armed()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        instance.Freshness.EndEpoch();

        await AssertRefusedAsync(instance);
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)] // the LSN at which following began
    public async Task Entry_from_before_following_began_is_refused(long asOf, bool isAccepted)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 5, asOf);

        Assert.Equal(isAccepted ? 9 : 1, (await instance.GetAsync(User)).Version());
    }

    [Fact]
    public async Task Entry_that_is_older_than_a_change_is_refused()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Evict(User, 16);
        _tier.Offer(instance, User, 9, 12, 15);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };

        await AssertRefusedAsync(instance);
    }

    [Fact]
    public async Task Entry_that_is_older_than_a_result_is_refused()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        await instance.WriteAsync(User, 1);
        await instance.GetAsync(User, Alone); // version 1 at LSN 11
        _tier.Offer(instance, User, 9, 10, 10);

        Assert.Equal(1, (await instance.GetAsync(User)).Version());
    }

    [Fact]
    public async Task Entry_that_is_older_than_an_absence_is_refused()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        await instance.Database.DeleteAsync(User, Instance.Token);
        Assert.Equal(LookupStatus.NotFound, (await instance.GetAsync(User, Alone)).Status); // at LSN 11

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(instance, 10), Check(instance, 11)));
    }

    [Theory]
    [InlineData(9, 11, 12)]
    [InlineData(null, 14, 15)] // "no such user" may have become true at any LSN up to that of its read
    public async Task Read_of_a_replica_behind_an_accepted_entry_is_repeated(int? version, long behind, long current)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, version, 12, 15);
        Assert.True((await instance.GetAsync(User)).IsFromSharedTier);
        instance.Database.ReplaceResult = (_, read) =>
        {
            instance.Database.ReplaceResult = (_, next) => next with { Lsn = current };
            return read with { Lsn = behind };
        };

        var reader = instance.GetAsync(User, new ReadDirectives { NoCache = true }).AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal((1, 1), ((await reader).Version(), instance.Cache.GetStatistics().BehindReads));
    }

    [Fact]
    public async Task Change_that_arrives_while_the_tier_is_read_refuses_the_entry()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var reader = instance.GetAsync(User).AsTask();
        instance.Evict(User, 16);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };
        gate.SetResult();

        Assert.Equal(1, (await reader).Version());
    }

    [Theory]
    [InlineData("other", -1)]
    [InlineData(null, 7)]
    public async Task Entry_of_another_partition_or_version_is_refused(string? id, long version)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15, entry => entry with { PartitionId = id ?? entry.PartitionId, PartitionVersion = version });

        await AssertRefusedAsync(instance);
    }

    [Fact]
    public async Task Result_without_an_LSN_closes_the_user_until_a_later_poll_has_found_the_end()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = null };
        await instance.GetAsync(User, Alone);
        instance.Database.ReplaceResult = null;
        Assert.Equal(CoverageGaps.Closed, Check(instance, 15));

        await PollAsync(instance, writes: 1);

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(instance, 10), Check(instance, 11)));
    }

    [Fact]
    public async Task Result_of_a_new_partition_ends_the_coverage_of_the_one_in_its_place()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = new LogPartition("child", -1), Lsn = 3 };
        await instance.GetAsync(User, Alone);
        instance.Database.ReplaceResult = null;
        Assert.Equal(CoverageGaps.Closed | CoverageGaps.NotCovered, Check(instance, 15));

        await PollAsync(instance, writes: 1);

        Assert.Equal(CoverageGaps.NotCovered, Check(instance, 15));
    }

    [Fact]
    public async Task Result_of_the_partition_of_another_range_closes_the_user_only()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = instance.Database.PartitionOf("u2") };
        await instance.GetAsync(User, Alone);
        instance.Database.ReplaceResult = null;
        Assert.Equal(CoverageGaps.Closed, Check(instance, 15));

        await PollAsync(instance, writes: 1);

        Assert.Equal(CoverageGaps.None, Check(instance, 15));
    }

    [Fact]
    public async Task Batch_that_names_the_users_own_partition_among_others_leaves_it_open()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.ReplacePositions = positions => [.. positions, new LogSpan(new LogPartition("child", -1), 3, 3)];
        await instance.GetManyAsync([User, "u3"], Alone);

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(instance, 9) & CoverageGaps.Behind, Check(instance, 10)));
    }

    [Fact]
    public async Task Page_without_a_position_uncovers_the_range_until_a_later_end()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.ReplacePage = page => page with { Position = default };
        await PollAsync(instance, writes: 1);
        Assert.Equal(CoverageGaps.NotCovered, Check(instance, 15) & CoverageGaps.NotCovered);

        instance.Database.ReplacePage = null;
        await PollAsync(instance, writes: 0);

        Assert.Equal((CoverageGaps.NotCovered, CoverageGaps.None), (Check(instance, 10) & CoverageGaps.NotCovered, Check(instance, 11)));
    }

    [Fact]
    public async Task Change_on_a_page_without_a_position_closes_the_user_until_an_end_that_is_not_before_it()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        await instance.GetAsync("u3");
        await instance.WriteAsync(User, 1);
        var reached = 10;
        instance.Database.ReplacePage = page => page.Changes.Count == 0
            ? page with { Position = page.Position with { Lsn = reached } }
            : page with { Position = default, Changes = [.. page.Changes.Select(change => change with { Partition = null })] };

        await PollAsync(instance, writes: 0); // its end was sent at the time of that page
        await PollAsync(instance, writes: 0);
        Assert.Equal(CoverageGaps.Closed, Check(instance, 15));
        reached = 11;
        await PollAsync(instance, writes: 0);

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(instance, 10), Check(instance, 11)));
    }

    [Fact]
    public async Task Result_before_the_first_page_leaves_the_user_open()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync(User, 1);
        await instance.GetAsync(User, Alone);
        await FollowAsync(instance);

        Assert.Equal(CoverageGaps.None, Check(instance, 11));
    }

    [Fact]
    public async Task Change_by_a_trigger_closes_the_user_until_an_end_that_is_not_before_it()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        instance.Cache.Evict(new UserChange(Key, 12, []), EvictionSource.Trigger);
        Assert.Equal(1, _tier.Count);

        await AssertRefusedAsync(instance);
        await PollAsync(instance, writes: 1); // LSN 11
        Assert.Equal(CoverageGaps.Closed, Check(instance, 15));
        await PollAsync(instance, writes: 1);

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(instance, 11), Check(instance, 12)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eviction_by_an_administrator_closes_the_user_and_deletes_the_entry(bool fails)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        _tier.FailsToDelete = fails;
        instance.Cache.Evict(new UserChange(Key, 0, []), EvictionSource.Administrator);
        Assert.Equal((fails ? 1 : 0, 1), (_tier.Count, _tier.Deletes));
        _tier.Offer(instance, User, 9, 12, 15);

        await AssertRefusedAsync(instance);
        await PollAsync(instance, writes: 0);
        Assert.Equal(CoverageGaps.None, Check(instance, 15));
    }

    [Fact]
    public async Task Change_that_the_entry_reflects_still_detaches_the_flight()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var reader = instance.GetAsync(User).AsTask();
        instance.Evict(User, 12);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 12 };
        gate.SetResult();

        Assert.Equal((1, false), ((await reader).Version(), (await reader).IsStored));
    }

    [Fact]
    public async Task Cleared_cache_accepts_nothing_from_before()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Cache.Clear();
        _tier.Offer(instance, User, 9, 12, 15);

        await AssertRefusedAsync(instance);
    }

    [Theory]
    [InlineData(-297, 0, true)]
    [InlineData(-299, 0, false)] // with the tolerance of 2 s, older than MaxUnseenDelete (5 minutes)
    [InlineData(1, 0, true)]
    [InlineData(3, 0, false)] // read in the future
    [InlineData(0, 3, true)]
    [InlineData(0, 1, false)] // may have ended
    public async Task Times_are_taken_to_be_as_old_as_they_can_be(int readAt, int endsAt, bool isAccepted)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15, entry => entry with
        {
            EndsAt = endsAt == 0 ? null : entry.ReadAt.AddSeconds(endsAt),
            ReadAt = entry.ReadAt.AddSeconds(readAt),
        });
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };

        Assert.Equal(isAccepted ? 9 : 1, (await instance.GetAsync(User)).Version());
        Assert.Equal(isAccepted ? 0 : 1, instance.Cache.GetStatistics().SharedTier!.Refused);
    }

    [Fact]
    public async Task Age_of_an_entry_does_not_matter_if_the_feed_shows_deletes()
    {
        await using var instance = new Instance(new UserCacheOptions { MaxUnseenDelete = null }, sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15, entry => entry with { ReadAt = entry.ReadAt.AddDays(-1) });

        Assert.Equal(9, (await instance.GetAsync(User)).Version());
    }

    [Fact]
    public async Task Read_time_of_another_instance_bounds_how_long_a_deleted_user_is_served()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15, entry => entry with { ReadAt = entry.ReadAt.AddSeconds(-290) });
        await instance.GetAsync(User);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 12 };

        await instance.AdvanceAsync(TimeSpan.FromSeconds(7));
        Assert.Equal(9, (await instance.GetAsync(User)).Version());
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await instance.GetAsync(User)).Version());
    }

    [Fact]
    public async Task Read_time_of_another_instance_does_not_make_an_entry_younger()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.BeforePoll = token => Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(4));
        _tier.Offer(instance, User, 9, 12, 15);

        Assert.Equal((9, TimeSpan.FromSeconds(4)), ((await instance.GetAsync(User)).Version(), (await instance.GetAsync(User)).Age));
    }

    [Fact]
    public async Task Entry_that_was_evicted_before_its_request_resumes_is_not_confirmed_by_a_later_poll()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        instance.Database.BeforePoll = token => Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));
        _tier.Offer(instance, User, 9, 12, 15);
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };
        var (held, gate) = instance.HoldReads();

        var batch = instance.GetManyAsync([User, "u2"]); // the other user is read from the store meanwhile
        await held;
        instance.Evict(User, 16);
        instance.Freshness.Confirm(instance.Freshness.Current.Of(User), instance.Freshness.Clock.Now);
        gate.SetResult();

        Assert.Equal(1, (await batch)[0].Version());
        Assert.Equal(1, instance.Cache.GetStatistics().SharedTier!.Accepted);
    }

    [Fact]
    public async Task User_of_the_tier_ends_with_its_time_to_live()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15, entry => entry with { EndsAt = entry.ReadAt.AddSeconds(4) });
        await instance.GetAsync(User);

        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 12 };
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.5));
        Assert.Equal(9, (await instance.GetAsync(User)).Version());
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await instance.GetAsync(User)).Version());
    }

    /// <summary>Starts following at LSN 10 of the partition of u1, whose version 1 was written at LSN 10.</summary>
    private static async Task FollowAsync(Instance instance)
    {
        for (var i = 0; i < 10; i++)
            await instance.WriteAsync(User, 1);
        await instance.FollowAsync();
    }

    /// <summary>
    /// Writes to the partition of u1, and advances the time until a poll that was sent afterwards has found the end. The feed is polled, because a
    /// user is cached.
    /// </summary>
    private static async Task PollAsync(Instance instance, int writes)
    {
        await instance.GetAsync("u3");
        for (var i = 0; i < writes; i++)
            await instance.WriteAsync("u5", 1);
        var now = instance.Freshness.Clock.Now;
        await instance.AdvanceUntilAsync(() => instance.Freshness.Current[0].ConfirmedAt > now);
    }

    private static CoverageGaps Check(Instance instance, long asOf) => instance.Freshness.Coverage!.Check(
        User, LsnSketches.HashOf(Key.CacheKey), new LogPosition(instance.Database.PartitionOf(User), asOf), out _);

    private static async Task AssertRefusedAsync(Instance instance)
    {
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 }; // not behind the entry, if it is accepted nevertheless
        Assert.Equal(1, (await instance.GetAsync(User)).Version());
        Assert.Equal((0, 1), (instance.Cache.GetStatistics().SharedTier!.Accepted, instance.Cache.GetStatistics().SharedTier!.Refused));
        instance.Database.ReplaceResult = null;
    }
}
