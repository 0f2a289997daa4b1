using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests when an entry counts as a read that the feed has saved.</summary>
public sealed class SavedReadTests
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(5);

    [Fact]
    public void Entry_is_counted_once_per_period_also_if_the_feed_has_updated_it()
    {
        var epoch = new FeedEpoch(1, 0, new RangeAccount(MaxStaleness.Ticks));
        var document = new UserDocument("{}"u8.ToArray(), "\"1\"", 5, default, []);
        var user = document.Stamped(5, EntryStamp.ForFeed(0, 0, epoch, new LogPosition(new LogPartition("0", -1), 5)));
        var (now, slot) = (MaxStaleness.Ticks * 2, 1L << 18);

        Assert.True(user.TryCount(now, MaxStaleness.Ticks));
        Assert.All([now, now + 1, now - slot, now + slot, now + MaxStaleness.Ticks], at => Assert.False(user.TryCount(at, MaxStaleness.Ticks)));
        Assert.All([now, now - slot, now + (MaxStaleness.Ticks / 2)], at => Assert.True(user.IsFreshWithoutFeed(at, MaxStaleness.Ticks, out _)));
        Assert.True(user.TryCount(now + MaxStaleness.Ticks + (3 * slot), MaxStaleness.Ticks));
    }

    /// <param name="years">The age of the entry. The noted time of the count wraps around after 2^49 ticks, which is 1.8 years.</param>
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.7)]
    [InlineData(3)]
    [InlineData(20)]
    public void Entry_is_counted_once_however_old_it_is(double years)
    {
        var user = new UserDocument("{}"u8.ToArray(), "\"1\"", 5, default, []).Stamped(5, EntryStamp.ForRead(0, null));
        var now = TimeSpan.FromDays(365 * years).Ticks;

        Assert.False(user.IsFreshWithoutFeed(now, MaxStaleness.Ticks, out _));
        Assert.True(user.TryCount(now, MaxStaleness.Ticks));
        Assert.False(user.TryCount(now, MaxStaleness.Ticks));
        Assert.True(user.IsFreshWithoutFeed(now, MaxStaleness.Ticks, out var until));
        Assert.InRange(until, now, now + MaxStaleness.Ticks);
    }
}
