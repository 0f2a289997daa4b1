using Lookup.Soak.Checking;
using Lookup.Soak.Faults;
using Lookup.Soak.Fleet;

namespace Lookup.Soak;

/// <summary>A complete run.</summary>
internal static class SoakRun
{
    /// <summary>The time before the first fault, in which the caches fill and the feed followers start.</summary>
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(90);

    public static async Task<SoakResult> RunAsync(SoakOptions options, Programs programs, ProgressLine? live, CancellationToken cancelled)
    {
        var plan = new WorldPlan
        {
            Seed = options.Seed,
            Instances = options.Instances,
            Rate = options.Rate,
            Users = options.Users,
            CorruptEvery = options.CorruptEvery,
            Longest = options.Length + TimeSpan.FromMinutes(20),
        };
        await using var world = await World.StartAsync(plan, programs, cancelled);
        using var showing = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        var shown = live?.RunAsync(world, showing.Token) ?? Task.CompletedTask;

        var began = SoakClock.Now;
        var until = began + options.Length.Ticks;
        var memory = Array.Empty<long>();
        var schedule = new FaultSchedule(world, options, until);
        world.Begin();
        try
        {
            await Task.Delay(Warming, TimeProvider.System, cancelled);
            memory = [.. world.Instances.Select(Resident)];
            await schedule.RunAsync(cancelled);
            if (until > SoakClock.Now)
                await Task.Delay(TimeSpan.FromTicks(until - SoakClock.Now), TimeProvider.System, cancelled);
            world.FaultNow = "end";
            using var paused = await world.Writers.PauseAsync(cancelled);
            if (await Recovery.AwaitAsync(world, SoakClock.Now, LongestRecovery, cancelled) is null)
                world.Report(new Violation("recovery", "At the end not every instance follows the feed and responds without failures."));
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // The results up to this point are reported nevertheless.
        }

        var took = TimeSpan.FromTicks(SoakClock.Now - began);
        var memoryAtEnd = world.Instances.Select(Resident).ToArray();
        await world.StopAsync();
        if (!cancelled.IsCancellationRequested)
            await FinalConsistencyCheck.RunAsync(world, cancelled);

        await showing.CancelAsync();
        await shown;
        return new SoakResult
        {
            Took = took,
            Responses = world.Responses,
            Checked = world.Checker.Checked,
            Written = world.Writers.Written,
            Tally = world.Tally,
            ViolationCount = world.ViolationCount,
            Violations = [.. world.Violations.OrderBy(violation => violation.Text, StringComparer.Ordinal)],
            GreatestStaleness = world.Checker.GreatestStaleness,
            MaxStaleness = plan.MaxStaleness,
            Faults = schedule.Records,
            Memory = [.. memory.Zip(memoryAtEnd)],
        };
    }

    private static long Resident(ServiceInstance instance) => ProcessVitals.Of(instance.ProcessId)?.ResidentBytes ?? 0;
}
