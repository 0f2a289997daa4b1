using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests that a feed range that has split is read in parts and confirmed as a whole.</summary>
public sealed class SplitRangeTests
{
    private static readonly string[] Ids = ["ada", "bob"];

    [Fact]
    public async Task Split_is_followed_without_a_gap_and_parts_are_polled_concurrently()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await FollowAsync(instance);
        var polled = new List<string>();
        var gate = new TaskCompletionSource();
        instance.Database.BeforePollOf = (part, _) =>
        {
            polled.Add(part);
            return polled.Count == 3 ? gate.Task : Task.CompletedTask;
        };

        await instance.Database.SplitAsync(Instance.Token);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        // The third poll (of the second part) is held, and was sent without waiting for the first part.
        Assert.Equal(["0", "0/0", "0/1"], polled);
        gate.SetResult();
        await instance.SettleAsync();
        Assert.Equal((0, 1), (instance.Gaps, instance.Database.Starts));
        Assert.Equal(("0", true), (instance.Follower.Ranges[0].Range, instance.Follower.Ranges[0].Lag < TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("bob")]
    public async Task Failed_part_confirms_nothing_and_does_not_stop_the_other(string inFailing)
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await FollowAsync(instance);
        await SplitAsync(instance);
        var failing = instance.Database.PartOf(inFailing);
        var inOther = Ids.Single(id => id != inFailing);
        instance.Database.BeforePollOf = (part, _) =>
            part == failing ? throw new UserStoreException(UserStoreFailure.Unavailable, "down") : Task.CompletedTask;
        var confirmed = instance.Freshness.ConfirmedAge!.Value;

        await instance.WriteAsync(inFailing, 2);
        await instance.WriteAsync(inOther, 2);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.True(instance.Failures > 0);
        Assert.Equal(confirmed + TimeSpan.FromSeconds(3), instance.Freshness.ConfirmedAge);
        Assert.Equal(LookupSource.Miss, (await instance.GetAsync(inOther)).Source); // evicted

        instance.Database.BeforePollOf = null;
        while (instance.Freshness.ConfirmedAge > TimeSpan.FromSeconds(2))
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(LookupSource.Miss, (await instance.GetAsync(inFailing)).Source);
    }

    /// <summary>The first part reaches its end immediately. Its user changes before the second part reaches its end.</summary>
    [Theory]
    [InlineData("ada")]
    [InlineData("bob")]
    public async Task Ends_found_at_different_times_confirm_as_of_the_earliest(string inFirst)
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await FollowAsync(instance);
        await SplitAsync(instance);
        var inSecond = Ids.Single(id => id != inFirst);
        var second = instance.Database.PartOf(inSecond);
        await instance.WriteAsync(inSecond, 2);
        var (page, later) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (ofFirst, ofSecond) = (0, 0);
        instance.Database.BeforePollOf = (part, _) => part == second
            ? ++ofSecond switch { 1 => page.Task, 2 => Task.CompletedTask, _ => later.Task }
            : ++ofFirst == 1 ? Task.CompletedTask : later.Task;

        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (ofFirst, ofSecond)); // the first part has reached its end, and the second is held
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.5));
        var age = instance.Freshness.ConfirmedAge;
        await instance.WriteAsync(inFirst, 2);
        page.SetResult();
        await instance.SettleAsync();

        Assert.True(ofSecond >= 2, "The second part was not polled again after its page.");
        Assert.True(age > instance.Freshness.ConfirmedAge, "The poll as a whole confirmed nothing.");
        Assert.True(instance.Freshness.ConfirmedAge >= TimeSpan.FromSeconds(1.5), "The confirmation is later than the end of the first part.");
        later.SetResult();
    }

    /// <summary>One part has reached its end when a change of the other cannot be read, so the new epoch begins after that end.</summary>
    [Fact]
    public async Task Ends_of_two_epochs_confirm_neither()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await FollowAsync(instance);
        await SplitAsync(instance);
        var epoch = instance.Freshness.Epoch;
        var second = instance.Database.PartOf("bob");
        var gate = new TaskCompletionSource();
        instance.Database.BeforePollOf = async (part, _) =>
        {
            if (part != second)
                return;
            await gate.Task;
            instance.Database.Unreadable = instance.Freshness.Epoch == epoch ? 1 : 0;
        };
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        gate.SetResult();
        await instance.SettleAsync();

        Assert.Equal((epoch + 1, false), (instance.Freshness.Epoch, instance.Freshness.IsArmed));
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.True(instance.Freshness.IsArmed);
    }

    [Fact]
    public async Task Lost_part_ends_the_epoch_immediately_although_another_part_hangs()
    {
        await using var instance = new Instance(database: new FakeDatabase(ranges: 1));
        await FollowAsync(instance);
        await SplitAsync(instance);
        var lost = instance.Database.PartOf("ada");
        instance.Database.BeforePollOf = (part, token) =>
            part == lost ? throw new Domain.Feed.FeedGapException("the continuation was lost") : Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);

        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 0), (instance.Gaps, instance.Failures));
        Assert.False(instance.Freshness.IsArmed);
    }

    /// <summary>Starts following the feed, with both users cached and just confirmed.</summary>
    private static async Task FollowAsync(Instance instance)
    {
        await instance.FollowAsync();
        foreach (var id in Ids)
        {
            await instance.WriteAsync(id, 1);
            await instance.GetAsync(id);
        }

        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        foreach (var id in Ids)
            await instance.GetAsync(id);
    }

    private static async Task SplitAsync(Instance instance)
    {
        await instance.Database.SplitAsync(Instance.Token);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Ids.Select(instance.Database.PartOf).Distinct().Count());
    }
}
