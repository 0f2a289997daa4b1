using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Lookup.Benchmarks.Cache.Commands;

/// <summary>Runs the BenchmarkDotNet classes, and fails if one of them fails.</summary>
internal sealed class BenchmarkCommand(TextWriter output)
{
    /// <returns>True if every benchmark ran and produced a result; otherwise, false.</returns>
    public bool Run(params string[] args)
    {
        var config = ManualConfig.CreateEmpty()
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(StatisticColumn.Median)
            .HideColumns(StatisticColumn.Error)
            .AddDiagnoser(MemoryDiagnoser.Default, ThreadingDiagnoser.Default)
            .AddLogger(ConsoleLogger.Default)
            .AddJob(Scale.IsSmoke ? Smoke : Full)
            .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.DisableLogFile);
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommand).Assembly).Run(args, config).ToList();
        foreach (var summary in summaries)
        {
            var table = new AccumulationLogger();
            MarkdownExporter.GitHub.ExportToLog(summary, table);
            output.WriteLine($"## {summary.BenchmarksCases.FirstOrDefault()?.Descriptor.Type.Name}");
            output.WriteLine();
            output.WriteLine(table.GetLog());
        }

        return summaries.Count > 0 && summaries.All(IsWhole);
    }

    /// <summary>Gets a job with few and short iterations, so that the comparison of sixty kinds of hits takes at most 15 minutes.</summary>
    private static Job Full => Job.Default
        .WithToolchain(InProcess)
        .WithWarmupCount(3)
        .WithIterationCount(8)
        .WithIterationTime(TimeInterval.FromMilliseconds(150));

    private static Job Smoke => Job.Dry.WithToolchain(InProcess);

    /// <summary>
    /// Gets the in-process toolchain. The project that BenchmarkDotNet would generate otherwise is outside the central package
    /// management, and does not restore. The settings of this process select the garbage collector of the service.
    /// </summary>
    private static IToolchain InProcess => InProcessEmitToolchain.Instance;

    private static bool IsWhole(Summary summary) =>
        !summary.HasCriticalValidationErrors
        && summary.Reports.Length == summary.BenchmarksCases.Length
        && summary.Reports.All(report => report.Success && report.ResultStatistics is not null);
}
