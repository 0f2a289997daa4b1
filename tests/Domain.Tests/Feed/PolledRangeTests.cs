using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests the price of a poll of one range, and what a poll has cost.</summary>
public sealed class PolledRangeTests
{
    [Fact]
    public void Price_of_a_poll_includes_the_changes_since_the_last_one()
    {
        var range = new PolledRange();
        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(0, isSuccessful: true);
        for (var second = 1; second <= 50; second++)
        {
            range.AddPage(3, isEmptyEnd: false);
            range.AddPage(1, isEmptyEnd: true);
            range.EndPoll(second * TimeSpan.TicksPerSecond, isSuccessful: true);
        }

        Assert.Equal(1 + (3 * 10), range.PriceAt(60 * TimeSpan.TicksPerSecond), tolerance: 0.1);
    }

    [Fact]
    public void Poll_from_now_does_not_show_how_many_changes_there_were()
    {
        var range = new PolledRange();
        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(0, isSuccessful: true);
        range.AddPage(10, isEmptyEnd: false);
        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(TimeSpan.TicksPerSecond, isSuccessful: true);
        var price = range.PriceAt(11 * TimeSpan.TicksPerSecond);

        range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(50 * TimeSpan.TicksPerSecond, isSuccessful: true, isStart: true);

        Assert.Equal(1 + (10 * 0.2 * 10), price, tolerance: 0.001);
        Assert.Equal(price, range.PriceAt(60 * TimeSpan.TicksPerSecond), tolerance: 0.001);
    }

    [Fact]
    public void Range_that_has_split_has_the_price_of_all_its_parts()
    {
        var range = new PolledRange();
        for (var part = 0; part < 3; part++)
            range.AddPage(1, isEmptyEnd: true);
        range.EndPoll(0, isSuccessful: true);

        Assert.Equal(3, range.PriceAt(0));
    }

    [Fact]
    public void Failed_poll_costs_at_least_its_price()
    {
        var range = new PolledRange();
        range.Pay(3, new RangeAccount(1), isGranted: true);

        Assert.Equal((null, 0), range.EndPoll(10, isSuccessful: false));

        range.Pay(3, new RangeAccount(1), isGranted: true);
        range.AddPage(5, isEmptyEnd: false);
        Assert.Equal((null, 2), range.EndPoll(10, isSuccessful: false));
    }
}
