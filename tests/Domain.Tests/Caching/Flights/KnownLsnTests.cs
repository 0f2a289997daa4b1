using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>Tests what an instance accepts from replicas that lag behind what it knows, without the help of a session.</summary>
public sealed class KnownLsnTests
{
    private static readonly ReadDirectives NoStore = new() { NoStore = true, NoCache = true };

    [Fact]
    public async Task Replica_that_stays_behind_an_eviction_fails_the_request_however_long_ago_that_was()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        instance.Evict("u1", 100);
        await instance.AdvanceAsync(TimeSpan.FromMinutes(1));

        var reader = instance.GetAsync("u1").AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal(UserStoreFailure.Behind, (await Assert.ThrowsAsync<UserStoreException>(() => reader)).Failure);
    }

    [Theory]
    [InlineData("other", -1)]
    [InlineData(null, 3)]
    public async Task LSN_of_an_eviction_does_not_apply_to_another_partition_or_version(string? partition, long version)
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        instance.Evict("u1", 100);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = new LogPartition(partition ?? read.Partition!.Id, version) };

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
        Assert.Equal(0, instance.Cache.GetStatistics().BehindReads);
    }

    [Fact]
    public async Task Replica_of_a_partition_that_has_been_replaced_is_behind_whatever_its_LSN()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var old = instance.Database.PartitionOf("u1");
        instance.Evict("u1", 100);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = old with { Version = 7 } };
        await instance.GetAsync("u1", NoStore);
        instance.Database.ReplaceResult = (_, read) =>
        {
            instance.Database.ReplaceResult = (_, next) => next with { Partition = old with { Version = 7 } };
            return read with { Lsn = 1000 };
        };

        var reader = instance.GetAsync("u1").AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal((1, 1), ((await reader).Version(), instance.Cache.GetStatistics().BehindReads));
    }

    [Fact]
    public async Task Version_of_a_recreated_container_that_was_returned_ahead_of_the_feed_is_not_followed_by_an_older_one()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        instance.Database.Recreate();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2);
        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
        instance.Cache.StartOver(2);

        var reader = ReadFromLaggingReplicaAsync(instance, "u1");
        await instance.MoveUntilAsync(reader);

        Assert.Equal((2, 1), ((await reader).Version(), instance.Cache.GetStatistics().BehindReads));
    }

    [Fact]
    public async Task Version_with_an_LSN_that_its_replica_had_not_reached_does_not_keep_later_reads_from_being_accepted()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        instance.Database.ReplaceResult = (_, read) => read with
        {
            Document = new UserDocument(read.Document!.Body, read.Document.ETag, 1000, read.Document.LastModified, []),
        };

        await instance.GetAsync("u1", NoStore);
        var reader = instance.GetAsync("u1", NoStore).AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal(1, (await reader).Version());
        Assert.Equal(0, instance.Cache.GetStatistics().BehindReads);
    }

    [Fact]
    public async Task Result_without_a_position_is_trusted()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        instance.Evict("u1", 100);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = null };

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
    }

    /// <summary>The feed may never show the version that was returned: a later one can hide it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Version_that_was_returned_ahead_of_the_feed_is_not_followed_by_an_older_one(bool isStored)
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2);
        Assert.Equal(2, (await instance.GetAsync("u1", isStored ? default : NoStore)).Version());
        instance.Cache.Clear();

        var reader = ReadFromLaggingReplicaAsync(instance, "u1");
        await instance.MoveUntilAsync(reader);

        Assert.Equal(2, (await reader).Version());
        Assert.Equal(1, instance.Cache.GetStatistics().BehindReads);
    }

    [Fact]
    public async Task Absence_that_was_returned_is_not_followed_by_the_deleted_version()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.Database.DeleteAsync("u1", Instance.Token);
        Assert.Equal(LookupStatus.NotFound, (await instance.GetAsync("u1", NoStore)).Status);

        var reader = ReadFromLaggingReplicaAsync(instance, "u1");
        await instance.MoveUntilAsync(reader);

        Assert.Equal(LookupStatus.NotFound, (await reader).Status);
    }

    /// <summary>The requests of the flight began before the change, so the older version is right for them.</summary>
    [Fact]
    public async Task Flight_that_a_change_detached_completes_with_the_version_from_before_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var (held, gate) = instance.HoldReads();
        var reader = instance.GetAsync("u1").AsTask();
        await held;
        await instance.WriteAsync("u1", 2);
        instance.Evict("u1", 2);
        gate.SetResult();

        Assert.Equal((1, false), ((await reader).Version(), (await reader).IsStored));
        Assert.Equal(0, instance.Cache.GetStatistics().BehindReads);
    }

    [Fact]
    public async Task Flight_that_a_change_detached_is_still_held_to_an_earlier_change()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2);
        instance.Evict("u1", 2);
        var (held, gate) = instance.HoldReads();
        instance.Database.ReplaceResult = LagOnce();
        var reader = instance.GetAsync("u1").AsTask();
        await held;
        instance.Evict("u1", 3);
        gate.SetResult();
        await instance.MoveUntilAsync(reader);

        Assert.Equal(2, (await reader).Version());
        Assert.Equal(1, instance.Cache.GetStatistics().BehindReads);
    }

    /// <summary>
    /// A read in flight when its partition splits. Another request gets a newer version from the child, whose LSNs are not comparable, and
    /// which is no news there, because users share an element.
    /// </summary>
    [Fact]
    public async Task Flight_that_a_version_of_another_partition_has_overtaken_reads_again()
    {
        await using var instance = new Instance(budget: memory => memory with { LsnElements = 1 });
        await instance.WriteAsync("u1", 1);
        var (held, gate) = instance.HoldReads();
        var reader = instance.GetAsync("u1").AsTask();
        await held;
        instance.Database.AfterRead = null;
        var child = new LogPartition("child", -1);
        instance.Cache.Evict(new UserChange(UserKey.Create("u3"), 60, []) { Partition = child }, EvictionSource.Follower);
        instance.Database.ReplaceResult = (_, read) => read with { Partition = child, Lsn = 60 };
        await instance.WriteAsync("u1", 2);
        Assert.Equal(2, (await instance.GetAsync("u1", NoStore)).Version());
        gate.SetResult();
        await instance.MoveUntilAsync(reader);

        Assert.Equal((2, 1), ((await reader).Version(), instance.Cache.GetStatistics().BehindReads));
    }

    /// <summary>
    /// The feed never shows what was changed before following began. A replica that lags behind that position can only be confirmed by another
    /// read.
    /// </summary>
    [Fact]
    public async Task Read_of_a_replica_that_lags_behind_the_beginning_of_the_feed_is_not_confirmed_by_the_feed()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2);
        await instance.FollowAsync();
        var old = ReadFromLaggingReplicaAsync(instance, "u1");
        Assert.Equal(1, (await old).Version());

        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));

        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Query_of_a_replica_that_lags_behind_the_beginning_of_the_feed_is_not_confirmed_by_the_feed()
    {
        await using var instance = new Instance();
        var key = new AlternateKey("/email", "a@example.com");
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2, key.Value);
        await instance.FollowAsync();
        instance.Database.ReplaceFind = find => find with { Keys = [], Positions = [.. find.Positions.Select(each => each with { From = 1 })] };
        Assert.Empty((await instance.Cache.FindAsync(key, default, Instance.Token)).Users);
        instance.Database.ReplaceFind = null;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));

        Assert.Single((await instance.Cache.FindAsync(key, default, Instance.Token)).Users);
    }

    private static Task<LookupResult> ReadFromLaggingReplicaAsync(Instance instance, string id)
    {
        instance.Database.ReplaceResult = LagOnce();
        return instance.GetAsync(id).AsTask();
    }

    /// <summary>Replaces the next result by version 1, from a replica that has nothing else.</summary>
    private static Func<UserKey, StoreRead, StoreRead> LagOnce()
    {
        var isLagging = true;
        return (key, read) =>
        {
            if (!isLagging)
                return read;

            isLagging = false;
            var old = new UserDocument(System.Text.Encoding.UTF8.GetBytes($"{{\"id\":\"{key.Id}\",\"version\":1}}"), "\"old\"", 1, default, []);
            return read with { Status = StoreReadStatus.Found, Document = old, Lsn = 1 };
        };
    }
}
