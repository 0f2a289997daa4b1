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

/// <summary>Runs the BenchmarkDotNet classes, and fails where one of them did.</summary>
internal sealed class BenchmarkCommand(TextWriter output)
{
    /// <returns>Whether every benchmark ran and gave a result.</returns>
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

    /// <summary>Few and short iterations: sixty hits are compared, and the whole run is to fit in a quarter of an hour.</summary>
    private static Job Full => Job.Default
        .WithToolchain(InProcess)
        .WithWarmupCount(3)
        .WithIterationCount(8)
        .WithIterationTime(TimeInterval.FromMilliseconds(150));

    private static Job Smoke => Job.Dry.WithToolchain(InProcess);

    /// <summary>
    /// The project that BenchmarkDotNet would generate otherwise lies outside the central package versions, and does not restore.
    /// The process has the service's garbage collector by its own settings.
    /// </summary>
    private static IToolchain InProcess => InProcessEmitToolchain.Instance;

    private static bool IsWhole(Summary summary) =>
        !summary.HasCriticalValidationErrors
        && summary.Reports.Length == summary.BenchmarksCases.Length
        && summary.Reports.All(report => report.Success && report.ResultStatistics is not null);
}
