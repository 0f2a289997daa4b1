using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests which entries of a shared tier an instance accepts. Each refused one would be older than something that it knows.</summary>
/// <remarks>In the store, u1 always has version 1, so a result with another version is from the tier.</remarks>
public sealed class AcceptanceTests
{
    private const string User = "u1";

    private static readonly UserKey Key = UserKey.Create(User);

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
        await instance.GetAsync(User, new ReadDirectives { NoStore = true, NoCache = true }); // version 1 at LSN 11
        _tier.Offer(instance, User, 9, 10, 10);

        Assert.Equal(1, (await instance.GetAsync(User)).Version());
    }

    [Fact]
    public async Task Read_of_a_replica_behind_an_accepted_entry_is_repeated()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        await instance.GetAsync(User);
        instance.Database.ReplaceResult = (_, read) =>
        {
            instance.Database.ReplaceResult = (_, next) => next with { Lsn = 12 };
            return read with { Lsn = 11 };
        };

        var reader = instance.GetAsync(User, new ReadDirectives { NoCache = true }).AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal(1, instance.Cache.GetStatistics().BehindReads);
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
        await instance.GetAsync(User, new ReadDirectives { NoStore = true, NoCache = true });
        instance.Database.ReplaceResult = null;
        _tier.Offer(instance, User, 9, 12, 15);
        Assert.Equal(1, (await instance.GetAsync(User, new ReadDirectives { NoStore = true })).Version());

        Assert.Equal(CoverageGaps.Closed, Check(instance, 15));
        await instance.WriteAsync(User, 1);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Equal((CoverageGaps.Behind, CoverageGaps.None), (Check(instance, 10), Check(instance, 11)));
    }

    [Theory]
    [InlineData(EvictionSource.Trigger, 14)]
    [InlineData(EvictionSource.Administrator, 0)]
    public async Task Change_of_unknown_partition_closes_the_user(EvictionSource source, long lsn)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await FollowAsync(instance);
        _tier.Offer(instance, User, 9, 12, 15);
        instance.Cache.Evict(new UserChange(Key, lsn, []), source);
        Assert.Equal(source == EvictionSource.Administrator ? 0 : 1, _tier.Count);
        _tier.Offer(instance, User, 9, 12, 15);

        await AssertRefusedAsync(instance);
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

        Assert.Equal(isAccepted ? 9 : 1, (await instance.GetAsync(User)).Version());
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

    private static CoverageGaps Check(Instance instance, long asOf) => instance.Freshness.Coverage!.Check(
        User, LsnSketches.HashOf(Key.CacheKey), new LogPosition(instance.Database.PartitionOf(User), asOf), out _);

    private static async Task AssertRefusedAsync(Instance instance)
    {
        Assert.Equal(1, (await instance.GetAsync(User)).Version());
        Assert.Equal((0, 1), (instance.Cache.GetStatistics().SharedTier!.Accepted, instance.Cache.GetStatistics().SharedTier!.Refused));
    }
}
