using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>The results of every policy for one trace at every size.</summary>
/// <param name="Trace">The accesses.</param>
/// <param name="Sizes">The capacities of the caches, in percent of the keys.</param>
/// <param name="StoreReads">The store reads by size, then by policy in the order of <see cref="Policy.All"/>.</param>
internal sealed record TraceResult(AccessTrace Trace, int[] Sizes, long[][] StoreReads)
{
    public static int CapacityOf(AccessTrace trace, int size) => Math.Max(1, (int)((long)trace.Keys * size / 100));

    public static TraceResult Of(AccessTrace trace, int[] sizes, int threads)
    {
        var policies = Policy.All.Count;
        var reads = Array.ConvertAll(sizes, _ => new long[policies]);
        var done = 0;
        Parallel.For(0, sizes.Length * policies, new ParallelOptions { MaxDegreeOfParallelism = threads }, at =>
        {
            var (size, policy) = (at / policies, at % policies);
            var began = TimeProvider.System.GetTimestamp();
            reads[size][policy] = Policy.All[policy].StoreReads(trace, CapacityOf(trace, sizes[size]));
            Console.Error.WriteLine($"{trace.Name}: {Interlocked.Increment(ref done)} of {sizes.Length * policies} replays done: {sizes[size]} %, {Policy.All[policy].Name}, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        });
        return new TraceResult(trace, sizes, reads);
    }

    public double HitRatio(int size, int policy) => 1 - ((double)StoreReads[size][policy] / Trace.Accesses.Length);

    /// <summary>Returns the additional reads of a policy relative to those of the first one; negative if it reads less.</summary>
    public double Against(int size, int policy) => ((double)StoreReads[size][policy] / StoreReads[size][0]) - 1;
}
