using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;
using static Lookup.Domain.Tests.Caching.UserInUse;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests what a change does to a cached user: nothing if it is reflected already, an update if the user is in use, an eviction otherwise.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task User_that_was_read_ahead_of_the_feed_stays_cached()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(Poll);

        var result = await instance.GetAsync("u1");

        Assert.Equal((LookupSource.Hit, 1), (result.Source, result.Version()));
        Assert.Equal((1, 1, 0), (instance.Database.Reads, instance.Cache.GetStatistics().Kept, Evictions(instance)));
    }

    [Fact]
    public async Task Absence_that_was_read_ahead_of_the_feed_stays_cached()
    {
        await using var instance = new Instance(database: new(showsDeletes: true));
        await instance.FollowAsync();
        await instance.WriteAsync("u1", 1);
        await instance.Database.DeleteAsync("u1", Instance.Token);
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(Poll);

        var result = await instance.GetAsync("u1");

        Assert.Equal((LookupSource.Hit, LookupStatus.NotFound), (result.Source, result.Status));
        Assert.Equal(1, instance.Database.Reads);
    }

    /// <summary>A hint was read before another user got the key, whatever is cached for that user.</summary>
    [Fact]
    public async Task Change_that_the_user_reflects_still_evicts_hints()
    {
        await using var instance = new Instance();
        var key = new AlternateKey("/email", "a@example.com");
        await instance.FollowAsync();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        await instance.AdvanceAsync(Poll);
        Assert.Empty((await instance.Cache.FindAsync(key, default, Instance.Token)).Users);
        await instance.WriteAsync("u1", 2, key.Value);
        await instance.GetAsync("u1", new ReadDirectives { NoCache = true });
        await instance.AdvanceAsync(Poll);

        Assert.Single((await instance.Cache.FindAsync(key, default, Instance.Token)).Users);
    }

    [Fact]
    public async Task User_in_use_is_updated_with_the_document_of_the_change_and_not_read()
    {
        await using var instance = await InUseAsync();
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);

        var result = await instance.GetAsync("u1");

        Assert.Equal((LookupSource.Hit, 2, false), (result.Source, result.Version(), result.IsStale));
        Assert.Equal((1, 1, 0), (instance.Database.Reads, instance.Cache.GetStatistics().Updated, Evictions(instance)));
    }

    [Fact]
    public async Task User_in_use_is_updated_by_each_of_many_changes()
    {
        await using var instance = await InUseAsync();
        for (var version = 2; version < 20; version++)
        {
            await instance.WriteAsync("u1", version);
            await instance.AdvanceAsync(Poll);
            Assert.Equal(version, (await instance.GetAsync("u1")).Version());
        }

        Assert.Equal(1, instance.Database.Reads);
    }

    [Fact]
    public async Task Unknown_id_in_use_is_updated_when_the_user_is_created()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u3", 1); // in the same range, whose log would otherwise be empty
        await instance.FollowAsync();
        await instance.GetAsync("u1");
        await instance.GetAsync("u1");
        await instance.WriteAsync("u1", 1);
        await instance.AdvanceAsync(Poll);

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
        Assert.Equal(1, instance.Database.Reads);
    }

    [Fact]
    public async Task User_that_was_not_requested_since_it_was_stored_is_evicted()
    {
        await using var instance = new Instance();
        await instance.FollowAsync();
        await instance.WriteAsync("u1", 1);
        await instance.AdvanceAsync(Poll);
        await instance.GetAsync("u1");
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);

        Assert.Equal((0, 1), (instance.Cache.GetStatistics().Updated, Evictions(instance)));
        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task User_that_was_not_requested_since_its_last_update_is_evicted()
    {
        await using var instance = await InUseAsync();
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);
        await instance.WriteAsync("u1", 3);
        await instance.AdvanceAsync(Poll);

        Assert.Equal((1, 1), (instance.Cache.GetStatistics().Updated, Evictions(instance)));
    }

    [Fact]
    public async Task Delete_evicts_a_user_in_use()
    {
        await using var instance = await InUseAsync(showsDeletes: true);
        await instance.Database.DeleteAsync("u1", Instance.Token);
        await instance.AdvanceAsync(Poll);

        Assert.Equal(LookupStatus.NotFound, (await instance.GetAsync("u1")).Status);
    }

    [Theory]
    [InlineData(EvictionSource.Trigger)]
    [InlineData(EvictionSource.Administrator)]
    public async Task Trigger_and_administrator_only_evict(EvictionSource source)
    {
        await using var instance = await InUseAsync();

        instance.Cache.Evict(Change(instance, "u1", 9, 9), source);

        Assert.True(instance.Cache.IsEmpty);
        Assert.Equal(1, instance.Cache.GetStatistics().Evictions[source]);
    }

    [Fact]
    public async Task Updated_user_is_fresh_only_as_long_as_its_epoch_is()
    {
        await using var instance = await InUseAsync();
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);
        instance.Freshness.EndEpoch();

        var result = await instance.GetAsync("u1");

        Assert.Equal((LookupSource.Stale, 2), (result.Source, result.Version()));
    }

    /// <summary>The feed can show another entity tag for the same version than a read does.</summary>
    [Fact]
    public async Task Entity_tag_of_an_updated_user_is_not_sent_as_a_condition()
    {
        await using var instance = await InUseAsync();
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);

        await instance.GetAsync("u1", new ReadDirectives { NoCache = true });

        Assert.Null(instance.Database.Conditions[^1]);
    }

    [Fact]
    public async Task Updated_user_counts_as_seen_when_its_poll_was_sent()
    {
        await using var instance = await InUseAsync();
        await instance.AdvanceAsync(TimeSpan.FromMinutes(4.9));
        await instance.GetAsync("u1");
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);
        await instance.GetAsync("u1");
        var reads = instance.Database.Reads;

        // Without the update, MaxUnseenDelete (5 minutes) would require a read by now.
        await instance.AdvanceAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
        Assert.Equal(reads, instance.Database.Reads);

        await instance.AdvanceAsync(TimeSpan.FromMinutes(1.1));
        Assert.NotEqual(LookupSource.Hit, (await instance.GetAsync("u1")).Source);
    }

    [Fact]
    public async Task End_that_a_lagging_replica_reports_confirms_nothing()
    {
        await using var instance = await InUseAsync();
        await instance.WriteAsync("u1", 2);
        await instance.AdvanceAsync(Poll);
        instance.Database.ReplacePage = page => page with { Position = page.Position with { Lsn = 1 } };
        var confirmed = instance.Freshness.ConfirmedAge;
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.InRange(instance.Freshness.ConfirmedAge!.Value, confirmed!.Value + TimeSpan.FromSeconds(2.9), TimeSpan.MaxValue);

        instance.Database.ReplacePage = null;
        await instance.AdvanceUntilAsync(() => instance.Freshness.ConfirmedAge < TimeSpan.FromSeconds(2));
    }
}
