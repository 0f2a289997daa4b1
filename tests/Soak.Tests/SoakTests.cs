using Lookup.Soak.Fleet;

[assembly: AssemblyFixture(typeof(PublishedApp))]

namespace Lookup.Soak.Tests;

/// <summary>Tests that run whole processes for a minute, with every fault. They assert nothing about speed.</summary>
[Collection(nameof(Alone))]
public sealed class SoakTests(PublishedApp app)
{
    [Fact]
    public async Task Fleet_keeps_its_guarantees_during_every_fault()
    {
        var options = new SoakOptions { Length = TimeSpan.FromSeconds(50), Rate = 1200, Users = 1000, Seed = 330 };
        using var programs = await Programs.PublishAsync(app.Root, AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        var result = await SoakRun.RunAsync(options, programs, live: null, TestContext.Current.CancellationToken);

        var report = SoakReport.Write(options, result);
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        Assert.True(result.ViolationCount == 0, report);
        Assert.Equal(options.Faults.Select(fault => fault.Name).Order(), result.Faults.Select(fault => fault.Name).Distinct().Order());
        Assert.True(result.Checked > 0);
    }

    [Fact]
    public async Task Responses_that_are_older_than_reported_are_violations()
    {
        var options = new SoakOptions { Length = TimeSpan.FromSeconds(8), Rate = 500, Users = 64, Instances = 1, Faults = [], CorruptEvery = 20 };
        using var programs = await Programs.PublishAsync(app.Root, AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        var result = await SoakRun.RunAsync(options, programs, live: null, TestContext.Current.CancellationToken);

        Assert.Contains(result.Violations, violation => violation.Promise is "G1" or "G3");
    }
}

/// <summary>The collection of tests that do not run in parallel with others, because those would wait for the processor.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
