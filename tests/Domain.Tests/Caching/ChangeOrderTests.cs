using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using static Lookup.Domain.Tests.Caching.UserInUse;

namespace Lookup.Domain.Tests.Caching;

/// <summary>
/// Tests that a change updates a user in use only if it is certainly newer: which of several changes counts, and that a change which cannot be
/// compared with the cached user, or which may not be the last one, evicts it.
/// </summary>
public sealed class ChangeOrderTests
{
    [Fact]
    public async Task Last_change_of_a_user_on_a_page_counts()
    {
        await using var instance = await InUseAsync();

        Apply(instance, Change(instance, "u1", 2, 5), Change(instance, "u2", 1, 5), Change(instance, "u1", 3, 6));

        Assert.Equal(3, (await instance.GetAsync("u1")).Version());
        Assert.Equal(1, instance.Database.Reads);
    }

    /// <summary>One transaction can write a user twice, and its changes can be on different pages.</summary>
    [Fact]
    public async Task Second_change_with_the_LSN_of_an_update_evicts_the_user()
    {
        await using var instance = await InUseAsync();

        Apply(instance, Change(instance, "u1", 2, 5));
        await instance.GetAsync("u1");
        Apply(instance, Change(instance, "u1", 3, 5));

        Assert.True(instance.Cache.IsEmpty);
    }

    /// <summary>The pages of a batch can come from replicas at different positions. The entry reflects the lowest, but may contain the highest.</summary>
    [Fact]
    public async Task Change_that_is_older_than_a_user_of_a_batch_may_be_does_not_update_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 9);
        await instance.FollowAsync();
        instance.Database.ReplacePositions = positions => [.. positions.Select(each => each with { From = 40, To = 60 })];
        await instance.GetManyAsync(["u1", "u3"]);
        await instance.GetAsync("u1");

        Apply(instance, Change(instance, "u1", 8, 50));

        Assert.Equal((0, 1), (instance.Cache.GetStatistics().Updated, Evictions(instance)));
    }

    [Fact]
    public async Task Change_that_is_older_than_an_update_leaves_it()
    {
        await using var instance = await InUseAsync();

        Apply(instance, Change(instance, "u1", 3, 6));
        await instance.GetAsync("u1");
        Apply(instance, Change(instance, "u1", 2, 5));

        Assert.Equal(3, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Change_of_another_partition_evicts_a_user_in_use_whatever_its_LSN()
    {
        await using var instance = await InUseAsync();

        Apply(instance, Change(instance, "u1", 3, 6) with { Partition = new LogPartition("other", -1) });

        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Change_without_a_partition_evicts_a_user_in_use()
    {
        await using var instance = await InUseAsync();

        Apply(instance, Change(instance, "u1", 3, 6) with { Partition = null });

        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Change_whose_document_cannot_be_parsed_evicts_a_user_in_use()
    {
        await using var instance = await InUseAsync();

        Apply(instance, Change(instance, "u1", 3, 6) with { Document = () => null });

        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Page_with_a_change_that_cannot_be_parsed_updates_nothing()
    {
        await using var instance = await InUseAsync();

        instance.Cache.Apply(
            new FeedPage([Change(instance, "u1", 3, 6)], [], EndReached: false, Unreadable: 1, 1), new PollStamp(instance.Freshness.Current, 0));

        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Page_of_an_epoch_that_has_ended_updates_nothing()
    {
        await using var instance = await InUseAsync();
        var poll = new PollStamp(instance.Freshness.Current, 0);
        instance.Freshness.EndEpoch();

        instance.Cache.Apply(new FeedPage([Change(instance, "u1", 3, 6)], [], EndReached: false, 0, 1), poll);

        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Flight_in_progress_is_not_stored_over_an_update()
    {
        await using var instance = await InUseAsync();
        var (held, gate) = instance.HoldReads();
        var reader = instance.GetAsync("u1", new ReadDirectives { NoCache = true }).AsTask();
        await held;

        Apply(instance, Change(instance, "u1", 2, 5));
        gate.SetResult();

        Assert.Equal((1, false), ((await reader).Version(), (await reader).IsStored));
        instance.Database.AfterRead = null;
        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
    }
}
