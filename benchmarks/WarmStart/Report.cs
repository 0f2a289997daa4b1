using System.Globalization;
using Lookup.Benchmarks.Shared;
using Spectre.Console;

namespace Lookup.Benchmarks.WarmStart;

/// <summary>The table of the variants.</summary>
internal static class Report
{
    /// <summary>The highest permitted ratio of the reads with snapshots to those without a tier.</summary>
    private const double Aim = 0.1;

    public static void Print(Plan plan, IReadOnlyList<StartResult> results)
    {
        var time = plan.Time.TotalSeconds;
        var table = new Table().MarkdownBorder().AddColumns(
            "fourth instance", "lookups", "different users", "reads", "÷ no tier", "reads in 5 s", "no read: 0-5 s", "5-15 s", $"15-{time:0} s",
            "accepted", "missing", "refused", "failed", "armed after");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var result in results)
        {
            var end = result.Samples[^1];
            table.AddRow(
                result.Variant.Name, Text(end.Lookups), Text(result.Distinct), Text(end.Reads), Text((double)end.Reads / results[0].Samples[^1].Reads, "0.00"),
                Text(result.SampleAt(5).Reads), Text(result.HitShare(0, 5), "0 %"), Text(result.HitShare(5, 15), "0 %"), Text(result.HitShare(15, time), "0.0 %"),
                Text(end.Accepted), Text(end.Missing), Text(end.Refused), Text(end.Failures),
                result.ArmedAfter is { } armed ? Text(armed.TotalSeconds, "0.0 s") : "never");
        }

        AnsiConsole.Profile.Width = 240;
        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.LookupsPerSecond} lookups/s of {Plan.Users} users in all, {plan.ChangesPerSecond} changes/s, {Plan.Ranges} feed ranges, {plan.FeedMode}, warm-up {plan.WarmUp.TotalSeconds} s, measured {time} s."));
        Console.WriteLine($"Aim: at most {Aim.ToString(CultureInfo.InvariantCulture)} of the reads without a tier: {(IsAimMet(results) ? "met" : "missed")}.");
        Console.WriteLine(Machine.Describe());
    }

    public static bool IsAimMet(IReadOnlyList<StartResult> results) => results[^1].Samples[^1].Reads <= Aim * results[0].Samples[^1].Reads;

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
