using Lookup.Soak.Small;

namespace Lookup.Soak.Tests;

public sealed class LatenciesTests
{
    [Fact]
    public void Request_that_delays_others_counts_for_them_too()
    {
        var latencies = new Latencies();
        latencies.Add(35, interval: 10, 200);
        latencies.Add(1, interval: 10, 503);

        Assert.Equal((2, 1), (latencies.Count, latencies.Failed[503]));
        Assert.Equal([1, 5, 15, 25, 35], new[] { 0.2, 0.4, 0.6, 0.8, 1 }.Select(share => latencies.Percentile(share).Ticks));
    }

    [Fact]
    public void Percentile_of_nothing_is_zero() => Assert.Equal(TimeSpan.Zero, new Latencies().Percentile(0.99));
}
