using System.Diagnostics;
using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Commands;

/// <summary>
/// Measures the effect of 100,000 evictions a second on readers at full speed: the latency of each lookup, alternately with and
/// without evictions.
/// </summary>
/// <remarks>
/// One core evicts, the others read. The evicted users are not those that are read, because a reader that misses waits for the store,
/// which is not measured here. Both share the dictionary, the locks and the counters.
/// </remarks>
internal sealed class LatencyCommand(TextWriter output)
{
    private const int Users = 65_536;
    private const int EvictionsPerSecond = 100_000;
    private const int Samples = 1 << 19;

    public async Task RunAsync(TimeSpan turn, int turns)
    {
        var instance = await LookupInstance.FilledAsync(Users);
        await using var _ = instance;
        var readers = Math.Max(1, Environment.ProcessorCount - 1);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"## Latency of hits on {readers} cores, while one core evicts {EvictionsPerSecond:N0} users a second or none"));
        output.WriteLine();
        output.WriteLine("| evictions/s | lookups/s | p50 ns | p90 ns | p99 ns | p99.9 ns | highest µs |");
        output.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
        var quiet = new List<double>();
        var busy = new List<double>();
        for (var n = -1; n < turns; n++)
        {
            var still = Measure(instance.Cache, readers, turn, 0);
            var stirred = Measure(instance.Cache, readers, turn, EvictionsPerSecond);
            if (n < 0)
                continue; // The first turns are warm-up for the JIT compiler.
            output.WriteLine(still.Row);
            output.WriteLine(stirred.Row);
            quiet.Add(still.P99);
            busy.Add(stirred.P99);
        }

        var ratios = busy.Zip(quiet, (b, q) => b / q).Order().ToArray();
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"p99 with evictions ÷ p99 without: median {ratios[ratios.Length / 2]:0.00}, from {ratios[0]:0.00} to {ratios[^1]:0.00}."));
        output.WriteLine();
    }

    private static (double P99, string Row) Measure(UserCache cache, int readers, TimeSpan turn, int rate)
    {
        var samples = new int[readers][];
        var lookups = new long[readers];
        long evictions = 0;
        var keys = Enumerable.Range(0, readers).Select(_ => Population.Ask(Users / 2, Access.Uniform, 1 << 15)).ToArray();
        var changes = Enumerable.Range(Users / 2, Users / 2).Select(user => new UserChange(Population.KeyOf(user), 2, [])).ToArray();
        using var workers = new WorkerThreads(readers + 1);
        var began = Stopwatch.GetTimestamp();
        workers.Run(thread =>
        {
            if (thread == readers)
                evictions = Evict(cache, changes, rate, began, turn);
            else
                (samples[thread], lookups[thread]) = Read(cache, keys[thread], began, turn);
        });

        var all = samples.SelectMany(taken => taken).Order().ToArray();
        double At(double part) => all[(int)(part * (all.Length - 1))] * (1e9 / Stopwatch.Frequency);
        return (At(0.99), string.Create(
            CultureInfo.InvariantCulture,
            $"| {evictions / turn.TotalSeconds:N0} | {lookups.Sum() / turn.TotalSeconds:N0} | {At(0.5):0} | {At(0.9):0} | {At(0.99):0} | {At(0.999):0} | {At(1) / 1000:0} |"));
    }

    private static (int[] Samples, long Lookups) Read(UserCache cache, UserKey[] keys, long began, TimeSpan turn)
    {
        var samples = new int[Samples];
        var count = 0;
        long lookups = 0;
        for (var i = 0; Stopwatch.GetElapsedTime(began) < turn; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var pending = cache.GetAsync(keys[i & (keys.Length - 1)], default, CancellationToken.None);
            var spent = Stopwatch.GetTimestamp() - start;
            if (!pending.IsCompletedSuccessfully)
                throw new InvalidOperationException("A reader missed, but a hit was expected.");
            lookups++;
            if (count < samples.Length)
                samples[count++] = (int)Math.Min(int.MaxValue, spent);
            else
                samples[(int)(lookups * 2654435761 % samples.Length)] = (int)Math.Min(int.MaxValue, spent);
        }

        return (samples.AsSpan(0, count).ToArray(), lookups);
    }

    private static long Evict(UserCache cache, UserChange[] changes, int rate, long began, TimeSpan turn)
    {
        long done = 0;
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < turn)
        {
            // Like pages of the feed: a hundred changes, one after the other.
            var due = (long)(elapsed.TotalSeconds * rate) / 100 * 100;
            if (done >= due)
                Thread.Sleep(0);
            for (; done < due; done++)
                cache.Evict(changes[done % changes.Length], EvictionSource.Follower);
        }

        return done;
    }
}
