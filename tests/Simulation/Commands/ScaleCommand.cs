using System.Globalization;
using Lookup.Domain.Feed;
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
        Print($"| | Adaptive RU/s | Steady RU/s | TTL = MaxStaleness RU/s | TTL 60 s RU/s | no cache RU/s | polls/h: Adaptive | Steady | reads saved: Adaptive | Steady | TTL = MaxStaleness | TTL 60 s | out of date: Adaptive | by, p99 | at most | Steady | by, p99 | at most | TTL 60 s | by, p99 | at most |");
        Print($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, settings) in Rows(standard))
            Row(name, Fleet.Run(settings, accesses, keys, Seed), Fleet.Run(settings with { Polling = FeedPolling.Steady }, accesses, keys, Seed));

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

    private static void Row(string name, FleetResult adaptive, FleetResult steady)
    {
        var (minute, bound) = (adaptive.OfMinute, adaptive.OfSameBound);
        Print($"| {name} | {adaptive.ChargePerSecond:N0} | {steady.ChargePerSecond:N0} | {adaptive.ChargePerSecondOf(bound):N0} | {adaptive.ChargePerSecondOf(minute):N0} | {adaptive.NoCacheChargePerSecond:N0} | {adaptive.PollsPerHour:N0} | {steady.PollsPerHour:N0} | {adaptive.ReadsSaved:P1} | {steady.ReadsSaved:P1} | {adaptive.ReadsSavedBy(bound):P1} | {adaptive.ReadsSavedBy(minute):P1} | {TextOf(adaptive.Staleness)} | {TextOf(steady.Staleness)} | {TextOf(minute.Staleness)} |");
    }

    private static string TextOf(Staleness staleness) =>
        Text($"{staleness.Share:P3} | {staleness.AtRank(0.99):0.00} s | {staleness.Greatest:0.00} s");

    private static string Draw(int[] accesses, int keys)
    {
        var plot = new Plot("Cost of 20,000 lookups per second, 5 ranges", "instances", "request units per second");
        int[] sizes = [1, 3, 10, 30, 100, 300, 1000];
        FleetResult[] Sweep(FleetSettings settings) => [.. sizes.Select(size => Fleet.Run(settings with { Instances = size, Ranges = 5 }, accesses, keys, Seed))];
        var adaptive = Sweep(new FleetSettings());
        void Add(string name, FleetResult[] results, Func<FleetResult, double> charge) =>
            plot.Add(name, [.. results.Select(result => ((double)result.Settings.Instances, Math.Max(1, charge(result))))]);
        Add("no cache", adaptive, result => result.NoCacheChargePerSecond);
        Add("TTL 5 s, no feed", adaptive, result => result.ChargePerSecondOf(result.OfSameBound));
        Add("Lookup, Adaptive", adaptive, result => result.ChargePerSecond);
        Add("Lookup, Steady, 1 s", Sweep(new FleetSettings { Polling = FeedPolling.Steady }), result => result.ChargePerSecond);
        Add("Lookup, Steady, 20 s", Sweep(new FleetSettings { Polling = FeedPolling.Steady, PollInterval = 20 }), result => result.ChargePerSecond);
        return plot.ToSvg();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Print(FormattableString text) => Console.WriteLine(Text(text));
}
