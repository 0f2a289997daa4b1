using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Tests the intervals of polls that no request needs.</summary>
public sealed class BackgroundPlanTests
{
    [Fact]
    public void Allowance_goes_to_the_ranges_with_the_most_lookups()
    {
        var second = TimeSpan.TicksPerSecond;
        var plan = BackgroundPlan.Create(
            [new(FeedEpoch.AllRanges, 3, 0, 0), new(0, 1, Budget: 0, Demand: 1), new(1, 1, Budget: 0, Demand: 3), new(2, 1, Budget: 0.5, Demand: 2)],
            ranges: 3, allowance: 1.6, shortest: second, longest: 4 * second, now: 0);

        // Range 1 takes 1 of 1.6, range 2 the half that it lacks, and 0.1 is too little for range 0.
        Assert.Equal([long.MaxValue, second, second], Enumerable.Range(0, 3).Select(plan.IntervalOf));
    }

    [Fact]
    public void Polls_for_hints_have_the_interval_that_all_ranges_together_save()
    {
        var second = TimeSpan.TicksPerSecond;
        var plan = BackgroundPlan.Create(
            [new(FeedEpoch.AllRanges, 6, Budget: 3, Demand: 12), new(0, 3, Budget: 3, Demand: 12), new(1, 3, Budget: 0, Demand: 0)],
            ranges: 2, allowance: 0, shortest: second, longest: 4 * second, now: 0);

        Assert.Equal([(second, false), (2 * second, true)], Enumerable.Range(0, 2).Select(i => (plan.IntervalOf(i), plan.IsForHints(i))));
    }
}
