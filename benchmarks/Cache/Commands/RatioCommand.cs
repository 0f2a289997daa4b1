using System.Diagnostics;
using System.Globalization;
using Lookup.Benchmarks.Cache.Contenders;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Commands;

/// <summary>
/// Compares hits: the caches take short turns in one process, so that a disturbance affects all of them.
/// Prints the median of each cache, and the time of UserCache relative to it, for <c>TryGet</c> and <c>GetAsync</c>: the median of the
/// ratios within a round with their quartiles, and the ratio of the fastest tenths.
/// </summary>
internal sealed class RatioCommand(TextWriter output)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(3);

    /// <summary>The positions of UserCache among the contenders: with TryGet, with GetAsync.</summary>
    private static readonly int[] Own = [2, 3];

    private readonly (string Name, Func<int, Task<Contender>> Make)[] _contenders =
    [
        ("MemoryCache.TryGetValue", users => Task.FromResult<Contender>(new MemoryCacheContender(users))),
        ("MemoryCache, size and statistics", users => Task.FromResult<Contender>(new MemoryCacheContender(users, withSize: true))),
        ("UserCache.TryGet", async users => await LookupContender.FilledAsync(users, triesOnly: true)),
        ("UserCache.GetAsync", async users => await LookupContender.FilledAsync(users, triesOnly: false)),
        ("HybridCache.GetOrCreateAsync", async users => await HybridCacheContender.FilledAsync(users)),
        ("FusionCache.TryGet", users => Task.FromResult<Contender>(new FusionCacheContender(users, triesOnly: true))),
        ("FusionCache.GetOrSet", users => Task.FromResult<Contender>(new FusionCacheContender(users, triesOnly: false))),
        ("BitFaster ConcurrentLru", users => Task.FromResult<Contender>(new BitFasterContender(users, lfu: false))),
        ("BitFaster ConcurrentLfu", users => Task.FromResult<Contender>(new BitFasterContender(users, lfu: true))),
    ];

    public async Task RunAsync(int rounds, int most = int.MaxValue)
    {
        output.WriteLine("## Hits side by side");
        output.WriteLine();
        output.WriteLine("| users | access | threads | cache | ns: median | fastest tenth | TryGet ÷ it: median | quartiles | fastest tenths | GetAsync ÷ it: median | quartiles | fastest tenths |");
        output.WriteLine("|---:|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var users in HitBenchmarks.UserCounts)
        {
            var contenders = new List<Contender>();
            foreach (var (_, make) in _contenders.Take(most))
                contenders.Add(await make(users));
            GC.Collect();
            var warmUp = 3 * rounds; // until the JIT compiler has recompiled the hot methods
            foreach (var access in Enum.GetValues<Access>())
            {
                var asked = Population.Ask(users, access, users > 100_000 ? 1 << 20 : 1 << 16);
                foreach (var threads in HitBenchmarks.ThreadCounts)
                    Compare(contenders, asked, $"| {users:N0} | {access} | {threads} |", threads, rounds, ref warmUp);
            }

            foreach (var contender in contenders)
                await contender.DisposeAsync();
        }

        output.WriteLine();
    }

    private void Compare(List<Contender> contenders, UserKey[] asked, string setting, int threads, int rounds, ref int warmUp)
    {
        using var workers = new WorkerThreads(threads);
        var times = contenders.Select(_ => new double[rounds]).ToArray();
        for (var round = -warmUp; round < rounds; round++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                // Each contender goes first equally often.
                var turn = (i + round + contenders.Count * warmUp) % contenders.Count;
                var time = TakeTurn(contenders[turn], asked, workers);
                if (round >= 0)
                    times[turn][round] = time;
            }
        }

        warmUp = Math.Min(rounds, 20);
        for (var i = 0; i < contenders.Count; i++)
        {
            var ordered = times[i].Order().ToArray();
            var compared = string.Join(" | ", Own.Select(own => Ratio(times[own], times[i])));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{setting} {_contenders[i].Name} | {At(ordered, 0.5):0.0} | {At(ordered, 0.1):0.0} | {compared} |"));
        }
    }

    private static string Ratio(double[] own, double[] other)
    {
        var ratios = own.Zip(other, (one, two) => one / two).Order().ToArray();
        var fastest = At([.. own.Order()], 0.1) / At([.. other.Order()], 0.1);
        return string.Create(CultureInfo.InvariantCulture, $"{At(ratios, 0.5):0.00} | {At(ratios, 0.25):0.00} – {At(ratios, 0.75):0.00} | {fastest:0.00}");
    }

    /// <summary>Runs one turn, and returns the nanoseconds for a lookup on each thread.</summary>
    private static double TakeTurn(Contender contender, UserKey[] asked, WorkerThreads workers)
    {
        const int chunk = 1024;
        long lookups = 0;
        long ticks = 0;
        workers.Run(thread =>
        {
            var place = asked.Length / workers.Size * thread;
            long done = 0;
            var began = Stopwatch.GetTimestamp();
            TimeSpan spent;
            do
            {
                contender.Ask(asked.AsSpan(place, chunk));
                place = (place + chunk) & (asked.Length - 1);
                done += chunk;
            }
            while ((spent = Stopwatch.GetElapsedTime(began)) < Turn);
            Interlocked.Add(ref lookups, done);
            Interlocked.Add(ref ticks, spent.Ticks);
        });
        return 100.0 * ticks / lookups;
    }

    private static double At(double[] ordered, double part) => ordered[(int)(part * (ordered.Length - 1))];
}
