using System.Runtime.InteropServices;

namespace Lookup.Domain.Diagnostics;

/// <summary>A counter that all cores can increment without contention for one cache line.</summary>
internal sealed class StripedCounter
{
    private static readonly int Mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) - 1;

    private readonly Cell[] _cells = new Cell[Mask + 1];

    public long Total
    {
        get
        {
            long total = 0;
            for (var i = 0; i < _cells.Length; i++)
                total += Volatile.Read(ref _cells[i].Value);
            return total;
        }
    }

    public void Increment() => Interlocked.Increment(ref _cells[Environment.CurrentManagedThreadId & Mask].Value);

    public void Add(long amount) => Interlocked.Add(ref _cells[Environment.CurrentManagedThreadId & Mask].Value, amount);

    /// <summary>A counter cell that is two cache lines wide, because processors fetch cache lines in pairs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(64)]
        public long Value;
    }
}
