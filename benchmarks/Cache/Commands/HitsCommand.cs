using System.Diagnostics;
using System.Globalization;
using Lookup.Benchmarks.Cache.Contenders;

namespace Lookup.Benchmarks.Cache.Commands;

/// <summary>A command that only runs hits by <c>UserCache.TryGet</c>, on one thread, for use with a profiler.</summary>
internal sealed class HitsCommand(TextWriter output)
{
    private const int Users = 4_096;
    private const int Chunk = 1_024;

    public async Task RunAsync(TimeSpan time)
    {
        await using var cache = await LookupContender.FilledAsync(Users, triesOnly: true);
        GC.Collect();
        var asked = Population.Ask(Users, Access.Zipf, 1 << 16);
        long hits = 0;
        var began = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(began) < time; hits += Chunk)
            cache.Ask(asked.AsSpan((int)(hits & (asked.Length - 1)), Chunk));
        var each = Stopwatch.GetElapsedTime(began).TotalNanoseconds / hits;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hits:N0} hits, {each:0.0} ns each."));
    }
}
