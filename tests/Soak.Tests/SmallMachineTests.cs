using Lookup.Soak.Fleet;
using Lookup.Soak.Small;

namespace Lookup.Soak.Tests;

/// <summary>One instance on the smallest machine, under every load for some seconds. Times are reported, and not asserted.</summary>
[Collection(nameof(Alone))]
public sealed class SmallMachineTests(PublishedApp app)
{
    [Fact]
    public async Task Smallest_machine_survives_every_load_and_serves_hits_throughout()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit and taskset are those of Linux.");
        var options = new SoakOptions { Length = TimeSpan.FromSeconds(35), Users = 1000, Seed = 19 };
        using var programs = await Programs.PublishAsync(app.Root, AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        var result = await SmallMachineRun.RunAsync(options, MachineSize.Smallest, programs, progress: null, TestContext.Current.CancellationToken);

        var report = SmallMachineReport.Write(result);
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        Assert.True(result.IsCorrect, report);
        Assert.All(result.Phases, phase => Assert.InRange(phase.Handles, 1, MachineSize.Smallest.Handles));
        Assert.All(result.Phases, phase => Assert.All(phase.Phase.Pressures, pressure => Assert.True(pressure.Attempts > 0, report)));
        Assert.Contains(result.Phases, phase => phase.Phase.Pressures.OfType<BatchClients>().Any(clients => clients.Served > 0));
    }
}
