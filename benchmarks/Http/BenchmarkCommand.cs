using System.CommandLine;
using System.Globalization;
using Lookup.Benchmarks.Http.Load;
using Lookup.Benchmarks.Http.Misses;
using Lookup.Benchmarks.Http.Reporting;
using Lookup.Benchmarks.Shared;

namespace Lookup.Benchmarks.Http;

/// <summary>The command line: <c>dotnet run -c Release --project benchmarks/Http</c>.</summary>
internal static class BenchmarkCommand
{
    private static readonly Option<int> Rounds = Number("--rounds", 12, 1, "The number of turns of each contender in each scenario.");
    private static readonly Option<double> Seconds = new("--seconds") { Description = "The length of a turn, in seconds.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Misses = Number("--misses", 2000, 10, "The number of misses of each kind.");
    private static readonly Option<string> Only = new("--only") { Description = "Runs only scenarios whose name contains this text.", DefaultValueFactory = _ => "" };
    private static readonly Option<FileInfo?> Out = new("--out") { Description = "An additional file for the report." };
    private static readonly Option<bool> Built = new("--built") { Description = "Measures the release build instead of a published app." };
    private static readonly Option<bool> Smoke = new("--smoke") { Description = "Runs everything in less than a minute, to verify that it works. The measurements are not meaningful." };

    public static Task<int> RunAsync(string[] args)
    {
        var hits = new RootCommand("Measures the service over HTTP in comparison with a bare endpoint and the cache-aside sample.") { Rounds, Seconds, Misses, Only, Out, Built, Smoke };
        hits.SetAction(async (parsed, cancellation) => await GuardedAsync(() => MeasureAsync(Read(parsed), onlyMisses: false, cancellation)));
        var misses = new Command("misses", "Measures misses only.") { Misses, Out, Smoke };
        misses.SetAction(async (parsed, cancellation) => await GuardedAsync(() => MeasureAsync(Read(parsed), onlyMisses: true, cancellation)));
        hits.Subcommands.Add(misses);
        return hits.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
    }

    private static async Task MeasureAsync(BenchmarkOptions options, bool onlyMisses, CancellationToken cancellation)
    {
        if (!onlyMisses)
            await Wrk.CheckAsync(cancellation);
        var report = new Report(Machine.Describe(), options);
        if (!onlyMisses)
            await HitBenchmark.RunAsync(options, report, cancellation);
        await MissBenchmark.RunAsync(options, report, cancellation);

        var text = report.ToMarkdown();
        Console.Out.Write(text);
        if (options.Out is { } file)
            await File.WriteAllTextAsync(file.FullName, text, cancellation);
    }

    private static BenchmarkOptions Read(ParseResult parsed)
    {
        var isSmoke = parsed.GetValue(Smoke);
        return new BenchmarkOptions
        {
            Rounds = isSmoke ? 1 : Math.Max(1, parsed.GetValue(Rounds)),
            Turn = TimeSpan.FromSeconds(isSmoke ? 1 : Math.Max(1, parsed.GetValue(Seconds))),
            LeastWarmUps = isSmoke ? 1 : 4,
            MostWarmUps = isSmoke ? 1 : 12,
            Users = 100,
            Connections = isSmoke ? [32] : [1, 32, 256],
            Misses = isSmoke ? 100 : parsed.GetValue(Misses) is var misses and > 0 ? misses : 2000,
            Published = !isSmoke && !parsed.GetValue(Built),
            IsSmoke = isSmoke,
            Only = parsed.GetValue(Only) ?? "",
            Out = parsed.GetValue(Out),
        };
    }

    private static async Task<int> GuardedAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (BenchmarkException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Canceled; all processes that were started have ended.");
            return 130;
        }
    }

    private static Option<int> Number(string name, int fallback, int least, string description)
    {
        var option = new Option<int>(name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description} {least} or more."),
            DefaultValueFactory = _ => fallback,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {result.GetValueOrDefault<int>()}; it must be at least {least}."));
        });
        return option;
    }
}

/// <summary>The exception that is thrown if a measurement cannot run. The message is one sentence for the user.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
