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

    /// <summary>The same ones every time: a change that breaks something fails with that change. For new ones there is <c>--seeds</c>.</summary>
    [Fact]
    public void Thousands_of_seeds_break_no_promise()
    {
        var campaign = new Campaign(0, Seeds);

        campaign.Go();

        Assert.Equal(Seeds, campaign.Done);
        Assert.True(campaign.Failures == 0, string.Join('\n', campaign.Failed.Select(Describe)));
    }

    [Theory]
    [MemberData(nameof(Regressions))]
    public void Seed_that_once_broke_a_promise_does_so_no_more(ulong seed)
    {
        var result = Run.Of(seed);

        Assert.True(result.Violation is null, Describe(result));
    }

    [Fact]
    public void Same_seed_is_the_same_run()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            var first = Run.Of(seed);
            var second = Run.Of(seed);
            Assert.Equal((first.Hash, first.Steps), (second.Hash, second.Steps));
        }
    }

    /// <summary>String hashes, for one, differ from process to process: no run may depend on them.</summary>
    [Fact]
    public async Task Same_seed_is_the_same_run_in_another_process()
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
