using System.Globalization;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Runs;
using Spectre.Console;

namespace Lookup.Simulation.Commands;

/// <summary>Runs a stretch of seeds and says what was exercised.</summary>
internal static class SeedsCommand
{
    public static int Invoke(ulong from, long seeds, Variant variant, int? threads)
    {
        var campaign = new Campaign(from, seeds, variant, threads);
        var watch = TimeProvider.System.GetTimestamp();
        Watch(campaign, seeds);
        var took = TimeProvider.System.GetElapsedTime(watch);

        Summarize(campaign);
        Say($"{campaign.Done:N0} runs from seed {from}, {campaign.Steps:N0} steps, {took.TotalSeconds:0.0} s, {campaign.Done / took.TotalSeconds:N0} runs/s");
        if (campaign.Failures == 0)
        {
            Say($"No promise was broken.");
            return 0;
        }

        Say($"{campaign.Failures:N0} runs broke a promise:");
        foreach (var failed in campaign.Failed)
            Say($"  seed {failed.Seed}: {failed.Violation!.Promise}: {failed.Violation.Text}");
        Say($"");
        Reproduction.Print(campaign.Failed[0], variant);
        return 1;
    }

    private static void Watch(Campaign campaign, long seeds)
    {
        if (Console.IsOutputRedirected)
        {
            using var timer = TimeProvider.System.CreateTimer(
                _ => Say($"{campaign.Done:N0} of {seeds:N0} runs, {campaign.Failures} broke a promise"),
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

    /// <summary>What happened how often. What never happened was not tested.</summary>
    private static void Summarize(Campaign campaign)
    {
        Say($"{"what happened",-28}{"times",16}{"in runs",12}");
        foreach (var what in Enum.GetValues<Happening>())
        {
            var (times, runs) = campaign.CountOf(what);
            Say($"{what,-28}{times,16:N0}{runs,12:N0}{(times == 0 ? "   <- never" : "")}");
        }

        Say($"");
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
