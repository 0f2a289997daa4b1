using System.Globalization;
using Lookup.Simulation.Scale;
using Lookup.Support;

namespace Lookup.Simulation.Commands;

/// <summary>The command that runs the fleet model with different settings, prints a table and plots the cost per second.</summary>
internal static class ScaleCommand
{
    private const ulong Seed = 1;

    public static int Invoke(string trace, string? svg)
    {
        var (_, accesses, keys) = AccessTrace.Read(trace);
        var standard = new FleetSettings();
        Print($"{Path.GetFileName(trace)}: {accesses.Length:N0} accesses of {keys:N0} users, repeated. Unless a row specifies otherwise: {standard.Instances:N0} instances, {standard.Ranges} ranges, {standard.LookupRate:N0} lookups/s, {standard.ChangeRate} change/s, a poll of each range every {standard.PollInterval} s.");
        Print($"");
        Print($"| | polls/h | Lookup RU/s | TTL = MaxStaleness RU/s | TTL 60 s RU/s | no cache RU/s | reads saved: Lookup | TTL = MaxStaleness | TTL 60 s | out of date: Lookup | by, p99 | at most | TTL 60 s | by, p99 | at most |");
        Print($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, settings) in Rows(standard))
            Row(name, Fleet.Run(settings, accesses, keys, Seed));

        if (svg is null)
            return 0;

        File.WriteAllText(svg, Draw(accesses, keys));
        Print($"");
        Print($"Plot written to {svg}.");
        return 0;
    }

    private static IEnumerable<(string Name, FleetSettings Settings)> Rows(FleetSettings standard)
    {
        yield return ("standard", standard);
        foreach (var instances in (int[])[1, 10, 100])
            yield return (Text($"{instances:N0} instances"), standard with { Instances = instances });
        foreach (var ranges in (int[])[1, 10])
            yield return (Text($"{ranges} ranges"), standard with { Ranges = ranges });
        foreach (var interval in (double[])[0.5, 5, 20])
            yield return (Text($"a poll every {interval} s"), standard with { PollInterval = interval });
        foreach (var rate in (double[])[0, 10, 100, 1000])
            yield return (Text($"{rate:N0} changes/s"), standard with { ChangeRate = rate });
        foreach (var rate in (double[])[20, 200, 2_000])
            yield return (Text($"{rate:N0} lookups/s"), standard with { LookupRate = rate });
        yield return ("10 instances, 5 ranges", standard with { Instances = 10, Ranges = 5 });
    }

    private static void Row(string name, FleetResult result)
    {
        var (ours, theirs) = (result.Staleness, result.OfMinute.Staleness);
        Print($"| {name} | {result.PollsPerHour:N0} | {result.ChargePerSecond:N0} | {result.ChargePerSecondOf(result.OfSameBound):N0} | {result.ChargePerSecondOf(result.OfMinute):N0} | {result.NoCacheChargePerSecond:N0} | {result.ReadsSaved:P1} | {result.ReadsSavedBy(result.OfSameBound):P1} | {result.ReadsSavedBy(result.OfMinute):P1} | {ours.Share:P3} | {ours.AtRank(0.99):0.00} s | {ours.Greatest:0.00} s | {theirs.Share:P3} | {theirs.AtRank(0.99):0.0} s | {theirs.Greatest:0.0} s |");
    }

    private static string Draw(int[] accesses, int keys)
    {
        var plot = new Plot("Cost of 20,000 lookups per second, 5 ranges", "instances", "request units per second");
        int[] sizes = [1, 3, 10, 30, 100, 300, 1000];
        FleetResult[] Sweep(double interval) =>
        [
            .. sizes.Select(size => Fleet.Run(new FleetSettings { Instances = size, Ranges = 5, PollInterval = interval }, accesses, keys, Seed)),
        ];
        var usual = Sweep(1);
        void Add(string name, FleetResult[] results, Func<FleetResult, double> charge) =>
            plot.Add(name, [.. results.Select(result => ((double)result.Settings.Instances, Math.Max(1, charge(result))))]);
        Add("no cache", usual, result => result.NoCacheChargePerSecond);
        Add("TTL 5 s, no feed", usual, result => result.ChargePerSecondOf(result.OfSameBound));
        Add("Lookup, poll every 1 s", usual, result => result.ChargePerSecond);
        Add("Lookup, poll every 5 s", Sweep(5), result => result.ChargePerSecond);
        Add("Lookup, poll every 20 s", Sweep(20), result => result.ChargePerSecond);
        return plot.ToSvg();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Print(FormattableString text) => Console.WriteLine(Text(text));
}
