using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests that a user ends when the store stops returning it, which the feed shows late or never.</summary>
public sealed class TimeToLiveTests
{
    [Fact]
    public async Task User_is_read_again_when_its_time_is_over_although_the_feed_confirms_it()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(60));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);

        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(LookupSource.Stale, (await instance.GetAsync("u1")).Source);
    }

    [Fact]
    public async Task End_is_that_of_the_read_and_a_revalidation_does_not_move_it()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(60));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.True((await instance.GetAsync("u1", new ReadDirectives { NoCache = true })).IsRevalidated);

        await instance.AdvanceAsync(TimeSpan.FromSeconds(9));
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(LookupSource.Stale, (await instance.GetAsync("u1")).Source);
    }

    /// <summary>The time to live of the container can be changed. A 304 would keep the old end.</summary>
    [Fact]
    public async Task User_that_the_store_still_returns_after_its_time_gets_another_end()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(3));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(4));
        instance.Database.ReplaceResult = null;

        Assert.False((await instance.GetAsync("u1")).IsRevalidated);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
    }

    [Fact]
    public async Task Time_to_live_of_a_result_is_not_longer_than_that_of_the_user()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(3));
        await instance.GetAsync("u1");

        Assert.Equal(TimeSpan.FromSeconds(3), (await instance.GetAsync("u1")).TimeToLive);
    }

    [Fact]
    public async Task Request_for_a_user_whose_time_is_over_does_not_wait_for_the_feed()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(7));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(8));
        var polls = instance.Database.Polls;

        await instance.GetAsync("u1");

        Assert.Equal(polls, instance.Database.Polls);
    }

    [Fact]
    public async Task Stale_user_whose_time_is_over_is_served_only_if_the_request_allows_it()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(3));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(4));

        var result = await instance.GetAsync("u1", new ReadDirectives { MaxStale = TimeSpan.FromMinutes(1) });

        Assert.Equal((LookupSource.Hit, true), (result.Source, result.IsStale));
    }

    /// <summary>A read within the bound would otherwise count as one that the request could have joined.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task User_whose_time_is_over_within_the_staleness_bound_is_read_again(bool isBatch)
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(4));
        await instance.Database.DeleteAsync("u1", Instance.Token);

        var status = isBatch ? (await instance.GetManyAsync(["u1", "u2"]))[0].Status : (await instance.GetAsync("u1")).Status;

        Assert.Equal(LookupStatus.NotFound, status);
    }

    [Fact]
    public async Task Very_long_time_to_live_has_no_end()
    {
        await using var instance = await FollowingAsync(TimeSpan.FromSeconds(int.MaxValue));
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
    }

    private static Task<Instance> FollowingAsync(TimeSpan timeToLive, TimeSpan? maxStaleness = null)
    {
        return FollowAsync(new Instance(new UserCacheOptions { MaxUnseenDelete = null, MaxStaleness = maxStaleness ?? TimeSpan.FromSeconds(5) }));

        async Task<Instance> FollowAsync(Instance instance)
        {
            await instance.WriteAsync("u1", 1);
            instance.Database.ReplaceResult = (_, read) => read.Document is { } user
                ? read with { Document = new UserDocument(user.Body, user.ETag, user.Lsn, user.LastModified, user.AlternateKeys, timeToLive) }
                : read;
            await instance.FollowAsync();
            return instance;
        }
    }
}
