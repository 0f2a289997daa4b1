using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>
/// What no cache of a size can do better (Bélády): it knows the future, keeps those that are asked for next, and does not keep at all
/// what is asked for later than everything it holds.
/// </summary>
internal static class Optimum
{
    private const int Never = int.MaxValue;

    public static long StoreReads(AccessTrace trace, int capacity)
    {
        var nextUse = NextUses(trace);
        var keptFor = new int[trace.Keys]; // the next use of each key in the cache, 0 of the others
        var latest = new PriorityQueue<int, int>(); // by next use, the latest first; out of date where keptFor says otherwise
        var (count, reads) = (0, 0L);
        for (var i = 0; i < trace.Accesses.Length; i++)
        {
            var key = trace.Accesses[i];
            if (keptFor[key] == 0)
                reads++;
            else
                count--;

            keptFor[key] = nextUse[i] == Never ? 0 : nextUse[i];
            if (nextUse[i] == Never)
                continue;

            latest.Enqueue(key, -nextUse[i]);
            count++;
            while (count > capacity && latest.TryDequeue(out var last, out var use))
            {
                if (keptFor[last] != -use)
                    continue;
                keptFor[last] = 0;
                count--;
            }
        }

        return reads;
    }

    private static int[] NextUses(AccessTrace trace)
    {
        var next = new int[trace.Accesses.Length];
        var seen = new int[trace.Keys];
        Array.Fill(seen, Never);
        for (var i = next.Length - 1; i >= 0; i--)
        {
            next[i] = seen[trace.Accesses[i]];
            seen[trace.Accesses[i]] = i;
        }

        return next;
    }
}
