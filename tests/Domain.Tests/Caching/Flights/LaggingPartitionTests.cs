using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>Tests of reads of several users and of queries, whose responses come from several partitions, if one of these lags.</summary>
public sealed class LaggingPartitionTests
{
    [Fact]
    public async Task Users_that_have_just_changed_stay_in_the_one_read_of_a_batch()
    {
        await using var instance = new Instance();
        var ids = Instance.Ids(400);
        foreach (var id in ids)
        {
            await instance.WriteAsync(id, 1);
            instance.Evict(id, 1);
        }

        var results = await instance.GetManyAsync(ids);

        Assert.All(results, result => Assert.Equal(1, result.Version()));
        Assert.Equal((1, 0), (instance.Database.ManyReads, instance.Database.Reads));
    }

    [Theory]
    [InlineData(true)] // the partition of the user is known from the feed
    [InlineData(false)] // it is one of those that have responded
    public async Task User_in_a_partition_that_lags_is_read_again_alone(bool isFollowed)
    {
        await using var instance = new Instance();
        string[] ids = ["u1", "u2"]; // in different ranges
        foreach (var id in ids)
            await instance.WriteAsync(id, 1);
        if (isFollowed)
            await instance.FollowAsync();
        foreach (var id in ids)
            await instance.WriteAsync(id, 2);
        instance.Evict("u1", 2);
        instance.Evict("u2", 2);
        var lagging = instance.Database.PartitionOf("u1");
        instance.Database.ReplacePositions = positions => [.. positions.Select(each => each.Partition == lagging ? each with { From = 1 } : each)];

        var results = await instance.GetManyAsync(ids);

        Assert.All(results, result => Assert.Equal(2, result.Version()));
        Assert.Equal((1, 1), (instance.Database.ManyReads, instance.Database.Reads));
    }

    /// <summary>
    /// The partition of the users splits while they are read together. The parent has returned one of them, and its child the other, which has
    /// changed. The feed still shows the parent.
    /// </summary>
    [Fact]
    public async Task User_that_a_child_of_a_split_has_returned_is_not_taken_for_one_of_the_parent()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        foreach (var id in Instance.Ids(2))
            await instance.WriteAsync(id, 1);
        await instance.FollowAsync();
        foreach (var id in Instance.Ids(2))
            await instance.GetAsync(id);
        await instance.WriteAsync("u0", 2);
        var child = new LogSpan(new LogPartition("child", -1), 60, 60);
        instance.Database.ReplacePositions = positions => [.. positions.Select(each => each with { From = 2, To = 2 }), child];

        var batch = await instance.GetManyAsync(Instance.Ids(2), new ReadDirectives { NoStore = true, NoCache = true });

        Assert.Equal(2, batch[0].Version());
        Assert.Equal(2, (await instance.GetAsync("u0")).Version());
    }

    [Fact]
    public async Task Query_by_alternate_key_in_a_partition_that_lags_is_sent_again()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1, "a@example.com");
        instance.Evict("u1", 1, "a@example.com");
        var (lagging, partition) = (true, instance.Database.PartitionOf("u1"));
        instance.Database.ReplaceFind = find =>
        {
            var result = lagging
                ? find with { Keys = [], Positions = [.. find.Positions.Select(each => each.Partition == partition ? each with { From = 0 } : each)] }
                : find;
            lagging = false;
            return result;
        };

        var finding = instance.Cache.FindAsync(new AlternateKey("/email", "a@example.com"), default, Instance.Token).AsTask();
        await instance.MoveUntilAsync(finding);

        Assert.Single((await finding).Users);
        Assert.Equal(2, instance.Database.Queries);
    }
}
