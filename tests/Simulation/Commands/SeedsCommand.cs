using System.Globalization;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Runs;
using Spectre.Console;

namespace Lookup.Simulation.Commands;

/// <summary>The command that runs a range of seeds and prints the number of occurrences of each event.</summary>
internal static class SeedsCommand
{
    public static int Invoke(ulong from, long seeds, Variant variant, int? threads)
    {
        var campaign = new Campaign(from, seeds, variant, threads);
        var watch = TimeProvider.System.GetTimestamp();
        Watch(campaign, seeds);
        var took = TimeProvider.System.GetElapsedTime(watch);

        Summarize(campaign);
        Print($"{campaign.Done:N0} runs from seed {from}, {campaign.Steps:N0} steps, {took.TotalSeconds:0.0} s, {campaign.Done / took.TotalSeconds:N0} runs/s");
        if (campaign.Failures == 0)
        {
            Print($"No guarantee was violated.");
            return 0;
        }

        Print($"{campaign.Failures:N0} runs violated a guarantee:");
        foreach (var failed in campaign.Failed)
            Print($"  seed {failed.Seed}: {failed.Violation!.Guarantee}: {failed.Violation.Text}");
        Print($"");
        Reproduction.Print(campaign.Failed[0], variant);
        return 1;
    }

    private static void Watch(Campaign campaign, long seeds)
    {
        if (Console.IsOutputRedirected)
        {
            using var timer = TimeProvider.System.CreateTimer(
                _ => Print($"{campaign.Done:N0} of {seeds:N0} runs, {campaign.Failures} with a violation"),
                null,
                TimeSpan.FromSeconds(10),
                TimeSpan.FromSeconds(10));
            campaign.Go();
            return;
        }

        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var progress = context.AddTask("runs", maxValue: seeds);
                using var timer = TimeProvider.System.CreateTimer(
                    _ => progress.Value = campaign.Done,
                    null,
                    TimeSpan.Zero,
                    TimeSpan.FromMilliseconds(250));
                campaign.Go();
                progress.Value = seeds;
            });
    }

    /// <summary>Prints the number of occurrences of each event. An event that never occurred was not tested.</summary>
    private static void Summarize(Campaign campaign)
    {
        Print($"{"event",-28}{"times",16}{"in runs",12}");
        foreach (var what in Enum.GetValues<SimulationEvent>())
        {
            var (times, runs) = campaign.CountOf(what);
            Print($"{what,-28}{times,16:N0}{runs,12:N0}{(times == 0 ? "   <- never" : "")}");
        }

        Print($"");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
