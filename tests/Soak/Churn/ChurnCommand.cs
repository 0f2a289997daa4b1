using System.Globalization;
using System.Text;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Churn;

/// <summary>
/// The leak test: connections, users and requests come and go for a while, and the resources that a process holds must not grow.
/// Timers are not visible from outside, but a leaked timer holds memory.
/// </summary>
internal static class ChurnCommand
{
    private const long CacheBytes = 4 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static Task<int> RunAsync(string[] args) => SoakCommand.GuardAsync(args, async (options, cancelled) =>
    {
        using var programs = await Programs.PublishAsync(options.App, options.Endpoint, cancelled);
        var plan = new WorldPlan
        {
            Seed = options.Seed,
            Instances = 2,
            Rate = Math.Min(options.Rate, 3000),
            Longest = options.Length + TimeSpan.FromMinutes(20),
            Settings = [("Lookup__CacheSizeBytes", CacheBytes.ToString(CultureInfo.InvariantCulture))],
        };
        await using var world = await World.StartAsync(plan, programs, cancelled);
        var clients = new ChurnClients(world, options.Seed);
        var samples = world.Instances.Select(_ => new List<Sample>()).ToArray();
        world.Begin();
        var churning = clients.RunAsync(world.Stopping);
        await SampleAsync(world, samples, options.Length, cancelled);
        await world.StopAsync();
        await churning;

        var report = Report(options, world, clients, samples);
        Console.WriteLine(report);
        if (options.Output is { } file)
            await File.WriteAllTextAsync(file, report, CancellationToken.None);
        return world.ViolationCount == 0 && samples.All(each => !Verdict.OfAll(each, CacheBytes).Any(verdict => verdict.HasGrown)) ? 0 : 1;
    });

    private static async Task SampleAsync(World world, List<Sample>[] samples, TimeSpan length, CancellationToken cancelled)
    {
        var until = SoakClock.Now + length.Ticks;
        var shownAt = 0L;
        while (SoakClock.Now < until)
        {
            await Task.Delay(Interval, TimeProvider.System, cancelled);
            foreach (var instance in world.Instances)
            {
                using var statistics = await instance.StatisticsAsync(cancelled);
                if (statistics is null || ProcessVitals.Of(instance.ProcessId) is not { } vitals)
                    continue;
                var cache = statistics.RootElement.GetProperty("cache");
                samples[instance.Number].Add(new Sample(
                    SoakClock.Now, vitals.ResidentBytes, vitals.Handles, vitals.Threads,
                    cache.GetProperty("bytes").GetInt64(), cache.GetProperty("lsnBytes").GetInt64(), cache.GetProperty("flights").GetInt64()));
            }

            if (SoakClock.Now - shownAt < TimeSpan.TicksPerSecond * 30)
                continue;
            shownAt = SoakClock.Now;
            foreach (var instance in world.Instances.Where(instance => samples[instance.Number].Count > 0))
            {
                var last = samples[instance.Number][^1];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromTicks(length.Ticks - (until - SoakClock.Now)):hh\\:mm\\:ss}  instance {instance.Number}: {last.ResidentBytes >> 20} MiB, {last.Handles} handles, {last.Threads} threads, cache {last.CacheBytes >> 10} KiB; {world.Responses:N0} responses, {world.ViolationCount} violations"));
            }
        }
    }

    private static string Report(SoakOptions options, World world, ChurnClients clients, List<Sample>[] samples)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{options.Length.TotalMinutes:0.##} minutes, seed {options.Seed}: {world.Responses:N0} checked responses, {world.Writers.Written:N0} writes, {clients.Created:N0} users created, read and deleted, {clients.Connections:N0} connections opened and closed. Violations: {world.ViolationCount}.\n\n");
        text.Append("| instance | | median, first third | last third | allowed | |\n|---|---|---:|---:|---:|---|\n");
        for (var instance = 0; instance < samples.Length; instance++)
        {
            foreach (var verdict in Verdict.OfAll(samples[instance], CacheBytes))
                text.Append(culture, $"| {instance} | {verdict.What} | {verdict.First:0.0} | {verdict.Last:0.0} | {verdict.Allowed:0.0} | {(verdict.HasGrown ? "**has grown**" : "flat")} |\n");
        }

        foreach (var violation in world.Violations.Take(20))
            text.Append(culture, $"\n- **{violation.Promise}** {violation.Text}");
        return text.ToString();
    }
}
