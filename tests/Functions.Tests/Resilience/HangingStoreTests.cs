using Lookup.Functions.Resilience;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>The circuit at any rate of reads: it opens if the store hangs, and stays closed if only callers cancel.</summary>
public sealed class HangingStoreTests
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(1);

    private static readonly double[] Rates = [10, 40, 100, 150, 200, 400, 1000, 2000];

    /// <summary>Gets rates, deadlines in seconds, places and places in the queue.</summary>
    public static TheoryData<double, double, int, int> Loads => LoadsOf(Rates);

    /// <summary>Gets those of <see cref="Loads"/> of which a single place can serve at least the half. Otherwise, one read that hangs in the only place is the silence of the store.</summary>
    public static TheoryData<double, double, int, int> ModerateLoads => LoadsOf(Rates.Where(rate => rate * Usual.TotalSeconds < 0.5));

    [Theory]
    [MemberData(nameof(Loads))]
    public void Hanging_store_opens_the_circuit_within_two_deadlines(double rate, double deadline, int places, int queue)
    {
        var options = Options(deadline, places, queue);
        using var traffic = new StoreTraffic(rate, options) { Latency = static _ => Usual };
        traffic.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(0, traffic.State.Opened);

        traffic.Latency = static _ => null;
        var elapsed = traffic.Run(TimeSpan.FromSeconds(100));

        // With enough free places, the first reads that hang get theirs immediately. Some milliseconds are the steps of the clock.
        var arePlacesFree = places > options.FewestAttempts && rate < 1000;
        var deadlines = arePlacesFree ? 1 : 2;
        Assert.InRange(elapsed.TotalSeconds, 0, (deadlines * deadline) + (options.FewestAttempts / rate) + 0.01);
    }

    [Theory]
    [MemberData(nameof(Loads))]
    public void Callers_that_cancel_early_do_not_open_the_circuit_of_a_slow_store(double rate, double deadline, int places, int queue)
    {
        // As slow as the places allow, but not more than a fifth of the deadline. Of ten callers, nine cancel, most of them before the response.
        var latency = TimeSpan.FromSeconds(Math.Min(deadline / 5, places / rate / 2));
        using var traffic = new StoreTraffic(rate, Options(deadline, places, queue))
        {
            Latency = _ => latency,
            Patience = n => n % 10 == 0 ? null : latency * (n % 10 / 8.0),
        };

        traffic.Run(TimeSpan.FromSeconds(2 * deadline));

        Assert.Equal(0, traffic.State.Opened);
    }

    [Theory]
    [MemberData(nameof(Loads))]
    public void Callers_that_all_cancel_before_a_quarter_of_the_deadline_do_not_open_the_circuit(double rate, double deadline, int places, int queue)
    {
        using var traffic = new StoreTraffic(rate, Options(deadline, places, queue))
        {
            Latency = static _ => null,
            Patience = _ => TimeSpan.FromSeconds(deadline / 5),
        };

        traffic.Run(TimeSpan.FromSeconds(2 * deadline));

        Assert.Equal(0, traffic.State.Opened);
    }

    [Theory]
    [MemberData(nameof(ModerateLoads))]
    public void Few_reads_that_hang_do_not_open_the_circuit(double rate, double deadline, int places, int queue)
    {
        using var traffic = new StoreTraffic(rate, Options(deadline, places, queue))
        {
            Latency = static n => n % 20 == 19 ? null : Usual,
        };

        traffic.Run(TimeSpan.FromSeconds(2 * deadline));

        Assert.Equal(0, traffic.State.Opened);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(400)]
    [InlineData(2000)]
    public void Half_of_the_reads_hanging_does_not_open_the_circuit(double rate)
    {
        // Which reads hang has no period.
        var random = new Random(1);
        using var traffic = new StoreTraffic(rate, Options(2, 64, 256))
        {
            Latency = _ => random.Next(2) == 0 ? null : TimeSpan.FromMilliseconds(10),
        };

        traffic.Run(TimeSpan.FromSeconds(20));

        Assert.Equal(0, traffic.State.Opened);
    }

    private static TheoryData<double, double, int, int> LoadsOf(IEnumerable<double> rates)
    {
        var loads = new TheoryData<double, double, int, int>();
        foreach (var rate in rates)
        {
            foreach (var deadline in (double[])[0.2, 2, 5])
            {
                foreach (var (places, queue) in ((int, int)[])[(64, 256), (1, 40), (4, 16), (20, 0), (300, 1000)])
                    loads.Add(rate, deadline, places, queue);
            }
        }

        return loads;
    }

    private static StoreGuardOptions Options(double deadline, int places, int queue) =>
        new() { ReadDeadline = TimeSpan.FromSeconds(deadline), Concurrency = places, Queue = queue, Retries = 0 };
}
