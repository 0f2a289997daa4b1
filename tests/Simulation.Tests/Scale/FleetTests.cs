using Lookup.Domain.Feed;
using Lookup.Simulation.Scale;

namespace Lookup.Simulation.Tests.Scale;

/// <summary>Tests of the fleet model, with one user in ten requested often.</summary>
public sealed class FleetTests
{
    private const int Keys = 2_000;

    [Theory]
    [InlineData(2, 5, 100)]
    [InlineData(50, 50, 20)]
    [InlineData(1_000, 50, 20)]
    public void Feed_costs_at_most_a_tenth_more_than_no_feed_and_the_allowance(double changeRate, int ranges, double lookupRate)
    {
        var settings = new FleetSettings { Instances = 3, Ranges = ranges, LookupRate = 3 * lookupRate, ChangeRate = changeRate, Duration = 600 };

        var result = Fleet.Run(settings, Accesses(), Keys, seed: 1);

        var limit = (1.1 * result.ChargePerSecondOf(result.OfSameBound)) + (settings.Instances * new FollowerOptions().Allowance);
        Assert.InRange(result.ChargePerSecond, 0, limit);
        Assert.InRange(result.Staleness.Greatest, 0, settings.MaxStaleness + settings.FeedDelay);
    }

    [Fact]
    public void Feed_saves_most_of_the_cost_of_users_in_use()
    {
        var settings = new FleetSettings { Instances = 3, Ranges = 5, LookupRate = 300, ChangeRate = 2 };

        var result = Fleet.Run(settings, Accesses(), Keys, seed: 1);

        Assert.InRange(result.ChargePerSecond, 0, 0.35 * result.ChargePerSecondOf(result.OfSameBound));
    }

    private static int[] Accesses()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 50_000).Select(_ => random.Next(random.Next(2) == 0 ? Keys / 10 : Keys))];
    }
}
