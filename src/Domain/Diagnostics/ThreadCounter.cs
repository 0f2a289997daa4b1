using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Lookup.Domain.Diagnostics;

/// <summary>A counter for millions of increments a second on every core: each thread increments a cell of its own.</summary>
/// <remarks>
/// Cells are keyed by thread id. Thread ids are reused, so the number of cells never exceeds the peak thread count, and each cell has a
/// single writer.
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
        // A thread that alternates between several caches looks its cell up each time. A service has one cache.
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

    /// <summary>A value that is padded so that no two values share a cache line or a pair of cache lines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Padded
    {
        [FieldOffset(64)]
        public long Value;
    }
}
