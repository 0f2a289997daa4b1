using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>
/// The optimum for a cache of a given size (Bélády's algorithm): it knows the future, keeps the keys that are used next, and does not
/// cache a key whose next use is later than that of all cached keys.
/// </summary>
internal static class BeladyOptimum
{
    private const int Never = int.MaxValue;

    public static long StoreReads(AccessTrace trace, int capacity)
    {
        var nextUse = NextUses(trace);
        var keptFor = new int[trace.Keys]; // the next use of each cached key; 0 for the others
        var latest = new PriorityQueue<int, int>(); // by next use, the latest first; an entry that differs from keptFor is outdated
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
