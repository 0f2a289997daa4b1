using System.Globalization;
using Lookup.Benchmarks.Http.Load;
using Lookup.Benchmarks.Http.Processes;
using Lookup.Benchmarks.Http.Reporting;

namespace Lookup.Benchmarks.Http;

/// <summary>The benchmark of cache hits under load: throughput, latency and processor time of each contender.</summary>
internal static class HitBenchmark
{
    public static async Task RunAsync(BenchmarkOptions options, Report report, CancellationToken cancellation)
    {
        var cpus = Cpus.Split();
        var wrk = new Wrk(cpus);
        Progress.Say(options.Published ? "publishing" : "using the release build");
        var programs = options.Published ? await Programs.PublishAsync(cancellation) : Programs.AsBuilt;
        report.Setting($"{programs.HowMade}; {cpus}; load by wrk");

        Progress.Say("starting every server, and comparing responses");
        await using var contenders = await ContenderProcesses.StartAsync(options, programs, cpus, cancellation);
        var scenarios = Scenarios.Of(contenders, options).Where(scenario => scenario.ToString().Contains(options.Only, StringComparison.OrdinalIgnoreCase)).ToList();
        await WarmUpAsync(scenarios, wrk, options, report, cancellation);
        if (contenders.Sink.Exports == 0)
        {
            // Nothing was exported, so a comparison would not measure telemetry.
            report.Setting($"'{Names.Telemetry}' exports nothing and is omitted");
            scenarios = [.. scenarios.Select(scenario => scenario.Without(Names.Telemetry))];
        }

        foreach (var (index, scenario) in scenarios.Index())
        {
            Progress.Say(string.Create(CultureInfo.InvariantCulture, $"{index + 1} of {scenarios.Count}: {scenario}"));
            report.Add(await MeasureAsync(scenario, wrk, options, cancellation));
        }
    }

    /// <summary>Runs turns of all contenders, the same number each, until the JIT compilers of all are idle.</summary>
    private static async Task WarmUpAsync(List<Scenario> scenarios, Wrk wrk, BenchmarkOptions options, Report report, CancellationToken cancellation)
    {
        Progress.Say("warming up");
        var contenders = scenarios.SelectMany(scenario => scenario.Contenders).DistinctBy(contender => (contender.Server, contender.Script)).ToList();
        var rounds = 0;
        var busy = contenders.Count;
        while (rounds < options.MostWarmUps && (busy > 0 || rounds < options.LeastWarmUps))
        {
            busy = 0;
            foreach (var contender in contenders)
            {
                var (cpu, compiling) = (contender.Server.Cpu, contender.Server.CompilerCpu);
                await wrk.RunAsync(contender.Server, contender.Script, 32, options.Turn, cancellation);
                if (contender.Server.CompilerCpu - compiling > (contender.Server.Cpu - cpu) / 100)
                    busy++;
            }

            rounds++;
        }

        var compiler = busy == 0 ? "the JIT compiler was idle" : $"{busy} of {contenders.Count} still spent more than 1 % of their time compiling";
        report.Setting(string.Create(CultureInfo.InvariantCulture, $"Warmed up for {rounds} turns each, after which {compiler}"));
    }

    /// <summary>
    /// Measures the contenders in the order A B C C B A A B C …, so that other work on the machine and drift over time affect all equally.
    /// </summary>
    private static async Task<Outcome> MeasureAsync(Scenario scenario, Wrk wrk, BenchmarkOptions options, CancellationToken cancellation)
    {
        var results = scenario.Contenders.ToDictionary(contender => contender.Name, _ => new List<WrkResult>());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var contender in round % 2 == 0 ? scenario.Contenders : scenario.Contenders.Reverse())
            {
                var result = await wrk.RunAsync(contender.Server, contender.Script, scenario.Connections, options.Turn, cancellation);
                if (result.Requests == 0)
                    throw new BenchmarkException($"{contender.Name} sent no response within a turn of '{scenario}': the machine is too busy.");
                results[contender.Name].Add(result);
            }
        }

        return new Outcome(scenario, results);
    }
}
