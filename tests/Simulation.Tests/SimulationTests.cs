using System.Globalization;
using Lookup.Simulation.Runs;
using Lookup.Support;

namespace Lookup.Simulation.Tests;

public sealed class SimulationTests
{
    private const int Seeds = 6_000;

    public static TheoryData<ulong> Regressions =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "regressions.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => ulong.Parse(line.Split(' ', 2)[0], CultureInfo.InvariantCulture)),
    ];

    /// <summary>Uses the same seeds in every run, so that a regression is tied to its change. Use <c>--seeds</c> for new seeds.</summary>
    [Fact]
    public void Thousands_of_seeds_violate_no_guarantee()
    {
        var campaign = new Campaign(0, Seeds);

        campaign.Go();

        Assert.Equal(Seeds, campaign.Done);
        Assert.True(campaign.Failures == 0, string.Join('\n', campaign.Failed.Select(Describe)));
    }

    [Theory]
    [MemberData(nameof(Regressions))]
    public void Seed_that_once_violated_a_guarantee_no_longer_does(ulong seed)
    {
        var result = Run.Of(seed);

        Assert.True(result.Violation is null, Describe(result));
    }

    [Fact]
    public void Same_seed_gives_the_same_run()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            var first = Run.Of(seed);
            var second = Run.Of(seed);
            Assert.Equal((first.Hash, first.Steps), (second.Hash, second.Steps));
        }
    }

    /// <summary>A run must not depend on values that differ between processes, such as string hashes.</summary>
    [Fact]
    public async Task Same_seed_gives_the_same_run_in_another_process()
    {
        foreach (var seed in (ulong[])[1, 2, 3, 29, 97])
        {
            var (_, output, _) = await ChildProcess.RunAsync(
                "dotnet", [typeof(Run).Assembly.Location, "--seed", seed.ToString(CultureInfo.InvariantCulture)], [], TestContext.Current.CancellationToken);

            Assert.Contains(Run.Of(seed).Hash.ToString("x16", CultureInfo.InvariantCulture), output, StringComparison.Ordinal);
        }
    }

    private static string Describe(RunResult result) =>
        $"seed {result.Seed}: {result.Violation?.Guarantee}: {result.Violation?.Text} "
        + $"(dotnet run -c Release --project tests/Simulation -- --seed {result.Seed} --trace)";
}
