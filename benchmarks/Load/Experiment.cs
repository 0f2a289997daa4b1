using System.Net.Http.Json;

namespace Lookup.Benchmarks.Load;

/// <summary>The experiment of one scenario: finds the knee, exceeds it, and measures the recovery.</summary>
internal sealed class Experiment(Scenario scenario, Processes processes, Workload workload, RunSize size, Action<Step> report)
{
    private readonly List<Step> _steps = [];

    public async Task<ScenarioResult> RunAsync()
    {
        using var generator = new Generator(processes.Service, workload, size.Connections);
        Step(generator, "warm-up", size.FirstRate, size.StepTime);
        _steps.Clear();

        var knee = FindKnee(generator);
        if (scenario.SlowStore)
            await SlowDownAsync();
        Step(generator, "at the knee" + (scenario.SlowStore ? ", store slow" : ""), knee, size.OverloadTime);
        Step(generator, "1.5 × the knee", knee * 1.5, size.OverloadTime);
        Step(generator, "3 × the knee", knee * 3, size.OverloadTime, drain: false);
        if (scenario.SlowStore)
            await RestoreAsync();
        var after = Step(generator, "half the knee, immediately after", knee * 0.5, size.OverloadTime);

        return new ScenarioResult(scenario, knee, _steps, Recovery(after));
    }

    /// <summary>Raises the rate until it is not held, then tests a rate between the last two.</summary>
    private double FindKnee(Generator generator)
    {
        var held = 0.0;
        for (var rate = size.FirstRate; rate <= size.MostRate; rate *= size.Growth)
        {
            if (!IsHeld(generator, rate))
            {
                if (held == 0)
                    return rate;
                var between = Math.Sqrt(held * rate);
                return IsHeld(generator, between) ? between : held;
            }

            held = rate;
        }

        return held;
    }

    /// <summary>Determines whether a rate is held. A failed step is repeated once, in case other work on the machine was the cause.</summary>
    private bool IsHeld(Generator generator, double rate) =>
        Step(generator, "", rate, size.StepTime).IsHeld || Step(generator, "again", rate, size.StepTime).IsHeld;

    private Step Step(Generator generator, string name, double rate, TimeSpan duration, bool drain = true)
    {
        var cpu = processes.ServiceProcessorTime;
        var seconds = generator.Run(rate, duration);
        var cores = (processes.ServiceProcessorTime - cpu) / duration;
        if (drain)
            generator.Drain();
        var step = new Step
        {
            Name = name,
            Rate = rate,
            Seconds = seconds,
            Memory = processes.ServiceMemory,
            Cores = cores,
            GeneratorIdle = generator.Idle,
        };
        _steps.Add(step);
        report(step);
        return step;
    }

    /// <summary>Returns the number of the first second that was held, or null if there was none.</summary>
    private static int? Recovery(Step after)
    {
        for (var second = 0; second < after.Seconds.Count; second++)
        {
            if (Lookup.Benchmarks.Load.Step.IsSecondHeld(after.Seconds[second]))
                return second;
        }

        return null;
    }

    private async Task SlowDownAsync()
    {
        using var control = new HttpClient { BaseAddress = processes.Endpoint };
        foreach (var operation in (string[])["pointRead", "query"])
        {
            using var response = await control.PostAsJsonAsync("_emulator/faults", new { operation, delayMs = 200 });
            response.EnsureSuccessStatusCode();
        }
    }

    private async Task RestoreAsync()
    {
        using var control = new HttpClient { BaseAddress = processes.Endpoint };
        using var response = await control.DeleteAsync(new Uri("_emulator/faults", UriKind.Relative));
        response.EnsureSuccessStatusCode();
    }
}

/// <summary>The results of one scenario.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Knee">The highest rate that was held.</param>
/// <param name="Steps">All steps, in the order in which they were run.</param>
/// <param name="Recovery">The time in seconds at half the knee until the service recovered, or null if it did not.</param>
internal sealed record ScenarioResult(Scenario Scenario, double Knee, IReadOnlyList<Step> Steps, int? Recovery)
{
    /// <summary>
    /// Gets a value that indicates whether beyond the knee at least half of the knee's requests get a response in time, and the service
    /// recovers within 5 s.
    /// </summary>
    public bool IsHeld => Past.All(step => step.Goodput >= Knee / 2) && Recovery is <= 5;

    private IEnumerable<Step> Past => Steps.Where(step => step.Name.Contains('×', StringComparison.Ordinal));
}
