using Lookup.Domain.Caching;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests when the tier is read and written, and what its failures cost.</summary>
public sealed class TierReadTests
{
    private readonly FakeTier _tier = new();

    [Fact]
    public async Task Read_of_the_store_is_written_so_that_another_instance_can_accept_it()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();

        await instance.GetAsync("u1");
        await instance.GetAsync("u2");

        Assert.Equal((2, 2L), (_tier.Count, instance.Cache.GetStatistics().SharedTier!.Written));
    }

    [Theory]
    [InlineData(true, false, null)]
    [InlineData(false, true, null)]
    [InlineData(false, false, 0)]
    public async Task Request_for_a_read_bypasses_the_tier(bool noCache, bool noStore, int? maxAge)
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);

        var read = await instance.GetAsync("u1", new ReadDirectives { NoCache = noCache, NoStore = noStore, MaxAge = maxAge is null ? null : TimeSpan.Zero });

        Assert.Equal((1, 0), (read.Version(), _tier.Reads));
    }

    [Fact]
    public async Task Request_for_a_read_that_joins_a_flight_of_the_tier_is_read_from_the_store()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        var gate = new TaskCompletionSource();
        _tier.BeforeReturn = _ => gate.Task;

        var first = instance.GetAsync("u1").AsTask();
        var second = instance.GetAsync("u1", new ReadDirectives { NoCache = true }).AsTask();
        instance.Database.ReplaceResult = (_, read) => read with { Lsn = 16 };
        gate.SetResult();

        Assert.Equal((9, 1), ((await first).Version(), (await second).Version()));
    }

    [Fact]
    public async Task Tier_that_does_not_respond_costs_its_time_limit()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.BeforeReturn = token => Task.Delay(Timeout.Infinite, token);

        var reader = instance.GetAsync("u1").AsTask();
        await instance.SettleAsync();
        Assert.False(reader.IsCompleted);
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(50));

        Assert.Equal((1, 1L), ((await reader).Version(), instance.Cache.GetStatistics().SharedTier!.Failures));
    }

    [Fact]
    public async Task Tier_that_fails_is_a_miss()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.BeforeReturn = _ => throw new SharedTierException("down");

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Entry_that_the_feed_has_not_confirmed_lately_is_confirmed_by_a_poll()
    {
        await using var instance = new Instance(new UserCacheOptions { MaxStaleness = TimeSpan.FromSeconds(5) }, sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(2)); // idle
        _tier.Offer(instance, "u1", 9, 12, 15);

        var read = await instance.GetAsync("u1");

        Assert.Equal((9, 0), (read.Version(), instance.Database.Reads));
    }

    [Fact]
    public async Task Batch_asks_once_and_reads_the_rest_together()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        foreach (var id in Ids(4))
            await instance.WriteAsync(id, 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);

        var results = await instance.GetManyAsync(Ids(4));

        Assert.Equal([1, 9, 1, 1], results.Select(result => result.Version()));
        Assert.Equal((1, 0, 1, 0), (_tier.ManyReads, _tier.Reads, instance.Database.ManyReads, instance.Database.Reads));
        Assert.Equal(4, _tier.Count);
    }

    [Fact]
    public async Task Store_that_refuses_reads_does_not_keep_a_user_from_the_tier_away()
    {
        await using var instance = new Instance(sharedTier: _tier.Options);
        await instance.WriteAsync("u1", 1);
        await instance.FollowAsync();
        _tier.Offer(instance, "u1", 9, 12, 15);
        instance.Database.Refusal = new UserStoreException(UserStoreFailure.Unavailable, "open");

        Assert.Equal(9, (await instance.GetAsync("u1")).Version());
        await Assert.ThrowsAsync<UserStoreException>(() => instance.GetAsync("u3").AsTask());
    }
}
