using System.Globalization;
using Lookup.Benchmarks.Cache;
using Lookup.Benchmarks.Cache.Commands;
using Lookup.Benchmarks.Shared;

const string usage = """
    all [--out FILE]   all tables below, in about 15 minutes; also written to FILE as Markdown
    smoke              every benchmark once, without measuring time; the exit code is 0 if all of them ran
    ratios [ROUNDS]    comparison of hits of all caches, in short turns (default: 100 rounds)
    hits SECONDS       only hits by UserCache.TryGet, on one thread, for use with a profiler
    latency            readers at full speed, with and without 100,000 evictions a second
    memory             the memory of a cached user beyond its payload
    run ...            BenchmarkDotNet with its own arguments, for example: run --filter '*Miss*'
    """;

switch (args)
{
    case ["all"]:
        return await AllAsync(null);
    case ["all", "--out", var file]:
        return await AllAsync(file);
    case ["smoke"]:
        Scale.IsSmoke = true;
        var started = new BenchmarkCommand(TextWriter.Null).Run("--filter", "*");
        await new RatioCommand(Console.Out).RunAsync(rounds: 2);
        await new HitsCommand(Console.Out).RunAsync(TimeSpan.FromMilliseconds(50));
        await new LatencyCommand(Console.Out).RunAsync(TimeSpan.FromMilliseconds(50), turns: 1);
        await new MemoryCommand(Console.Out).RunAsync(1000);
        Console.WriteLine(started ? "Every benchmark ran." : "A benchmark did not run, or failed: see above.");
        return started ? 0 : 1;
    case ["ratios"]:
        await new RatioCommand(Console.Out).RunAsync(rounds: 100);
        return 0;
    case ["ratios", var rounds] when int.TryParse(rounds, CultureInfo.InvariantCulture, out var count) && count > 0:
        await new RatioCommand(Console.Out).RunAsync(count);
        return 0;
    case ["hits", var seconds] when int.TryParse(seconds, CultureInfo.InvariantCulture, out var count) && count > 0:
        await new HitsCommand(Console.Out).RunAsync(TimeSpan.FromSeconds(count));
        return 0;
    case ["latency"]:
        await new LatencyCommand(Console.Out).RunAsync(TimeSpan.FromSeconds(2), turns: 5);
        return 0;
    case ["memory"]:
        await new MemoryCommand(Console.Out).RunAsync(200_000);
        return 0;
    case ["run", .. var rest]:
        return new BenchmarkCommand(TextWriter.Null).Run(rest) ? 0 : 1;
    default:
        Console.Error.WriteLine(args.Length == 0 ? usage : $"'{string.Join(' ', args)}' is not a valid command. Usage:\n{usage}");
        return 2;
}

static async Task<int> AllAsync(string? file)
{
    using var text = new StringWriter(CultureInfo.InvariantCulture);
    text.WriteLine(Machine.Describe());
    text.WriteLine();
    await new RatioCommand(text).RunAsync(rounds: 100);
    await new LatencyCommand(text).RunAsync(TimeSpan.FromSeconds(2), turns: 5);
    await new MemoryCommand(text).RunAsync(200_000);
    var whole = new BenchmarkCommand(text).Run("--filter", "*");
    Console.WriteLine(text);
    if (file is not null)
        await File.WriteAllTextAsync(file, text.ToString());
    return whole ? 0 : 1;
}
