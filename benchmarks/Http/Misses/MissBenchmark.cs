using Lookup.Benchmarks.Http.Processes;
using Lookup.Benchmarks.Http.Reporting;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>The benchmark of the cost of a miss beyond its read, on the loopback address and with the latency of a cloud store.</summary>
internal static class MissBenchmark
{
    /// <summary>The simulated latencies: a store in the same region takes a few milliseconds; a busy or more distant one takes more.</summary>
    private static readonly (char Prefix, int Milliseconds)[] Distances = [('n', 3), ('f', 10)];

    public static async Task RunAsync(BenchmarkOptions options, Report report, CancellationToken cancellation)
    {
        Progress.Say("misses");
        await using var store = await Store.StartAsync(Cpus.Split(), cancellation);
        using var client = store.Connect();
        using var stack = new ServiceStack(store.ConnectionString);
        var bare = client.GetContainer("lookup", "users");
        var singles = new SingleMisses(store, stack, bare, cancellation);
        await singles.MeasureAsync('m', options.Misses, "on loopback", report);
        foreach (var (prefix, milliseconds) in Distances)
        {
            Progress.Say($"misses, {milliseconds} ms away");
            await DelayAsync(store, milliseconds, cancellation);
            await singles.MeasureAsync(prefix, Math.Max(10, options.Misses / 2), $"the store {milliseconds} ms away", report);
        }

        await DelayAsync(store, 0, cancellation);
        using var batches = new BatchMisses(store, stack.Whole, bare, cancellation);
        await batches.MeasureAsync(report);
    }

    /// <summary>Makes the endpoint delay every point read.</summary>
    private static async Task DelayAsync(Store store, int milliseconds, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var faults = new Uri(store.Endpoint, "_emulator/faults");
        using (var cleared = await http.DeleteAsync(faults, cancellation))
            cleared.EnsureSuccessStatusCode();
        if (milliseconds == 0)
            return;
        using var added = await http.PostAsJsonAsync(faults, new { operation = "pointRead", delayMs = milliseconds }, cancellation);
        added.EnsureSuccessStatusCode();
    }
}
