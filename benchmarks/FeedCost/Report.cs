using System.Globalization;
using Lookup.Benchmarks.Shared;
using Spectre.Console;

namespace Lookup.Benchmarks.FeedCost;

/// <summary>The table of all cells.</summary>
internal static class Report
{
    public static void Print(Plan plan, IReadOnlyList<CellResult> results)
    {
        var table = new Table().MarkdownBorder().AddColumns(
            "ranges", "lookups/s", "users", "no feed", "TTL 60 s", "fixed polling", "adaptive", "of it polls", "adaptive ÷ no feed",
            "mean age", "p99 age", "waited", "limit");
        foreach (var column in table.Columns)
            column.RightAligned();
        foreach (var result in results)
        {
            var (cell, adaptive) = (result.Cell, result.Adaptive);
            table.AddRow(
                Text(cell.Ranges), Text(cell.LookupsPerSecond), Text(cell.Users), Text(result.WithoutFeed), Text(result.LongTimeToLive),
                Text(result.Steady.Cost), Text(adaptive.Cost), Text(adaptive.Polls), Text(adaptive.Cost / Math.Max(1, result.WithoutFeed), "0.00"),
                Text(adaptive.MeanAge, "0.0 s"), Text(adaptive.HighAge, "0.0 s"), Text(adaptive.Waited, "0.0 %"),
                result.IsWithinLimit(plan) ? "kept" : "exceeded");
        }

        AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Request units in {plan.Time.TotalSeconds} s, MaxStaleness {Plan.MaxStaleness.TotalSeconds} s, PollInterval {Plan.PollInterval.TotalSeconds} s, allowance {plan.Allowance} RU/s. Limit: 1.1 × no feed + allowance."));
        Console.WriteLine(Machine.Describe());
    }

    private static string Text(double value, string format = "0.#") => value.ToString(format, CultureInfo.InvariantCulture);
}
