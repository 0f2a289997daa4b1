using System.Runtime.CompilerServices;

namespace Lookup.Domain.Tests;

/// <summary>A measurement of the memory of objects by the garbage collector. Tests that use it run without any other test of the process.</summary>
[CollectionDefinition(nameof(HeapMemory), DisableParallelization = true)]
public sealed class HeapMemory
{
    /// <summary>Creates objects and returns the memory that they take, and the memory that is counted for them, in bytes.</summary>
    /// <param name="create">A function that creates an object which holds all others.</param>
    /// <param name="count">A function that returns what is counted.</param>
    internal static (long Bytes, long Counted) Measure<T>(Func<T> create, Func<T, long> count)
        where T : class
    {
        // The median of three, because what earlier tests have left can be collected at any time.
        (long Bytes, long Counted)[] measured = [MeasureOnce(create, count), MeasureOnce(create, count), MeasureOnce(create, count)];
        return measured.OrderBy(each => (double)each.Counted / each.Bytes).ElementAt(1);
    }

    /// <remarks>It is not inlined: the objects of an earlier measurement must not stay on the stack.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Bytes, long Counted) MeasureOnce<T>(Func<T> create, Func<T, long> count)
        where T : class
    {
        var before = Collected();
        var created = create();
        var bytes = Collected() - before;
        var counted = count(created);
        (created as IDisposable)?.Dispose();
        return (bytes, counted);
    }

    private static long Collected()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false); // after a collection this is exact; with true it would stop at a difference of 5%
    }
}
