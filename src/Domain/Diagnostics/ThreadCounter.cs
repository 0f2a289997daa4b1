using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Lookup.Domain.Diagnostics;

/// <summary>A count that is raised millions of times a second on every core: each thread raises a number of its own.</summary>
/// <remarks>
/// Numbers are kept by thread id. Ids are given again after a thread has ended, and its number with it: so there are never more of them
/// than there were threads at a time, and each has one writer.
/// </remarks>
internal sealed class ThreadCounter
{
    [ThreadStatic]
    private static Cell? t_cell;

    private readonly ConcurrentDictionary<int, Cell> _cells = new();

    public long Total
    {
        get
        {
            long total = 0;
            foreach (var (_, cell) in _cells)
                total += Volatile.Read(ref cell.Number.Value);
            return total;
        }
    }

    public void Increment()
    {
        // A thread that serves several caches in turn looks its number up each time; a service has one cache.
        var cell = t_cell;
        if (cell is null || cell.Owner != this)
            t_cell = cell = _cells.GetOrAdd(Environment.CurrentManagedThreadId, static (_, owner) => new Cell(owner), this);
        Volatile.Write(ref cell.Number.Value, cell.Number.Value + 1);
    }

    private sealed class Cell(ThreadCounter owner)
    {
        public readonly ThreadCounter Owner = owner;
        public Padded Number;
    }

    /// <summary>Wide enough that no two numbers share a cache line, or a pair of lines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Padded
    {
        [FieldOffset(64)]
        public long Value;
    }
}
