using System.Numerics;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// Counters of several kinds that cores increment without contention for cache lines. Each stripe of threads has its own row, in which
/// the counters that one request increments are adjacent.
/// </summary>
internal sealed class StripedCounters(int kinds)
{
    /// <summary>The size of two cache lines, because processors prefetch them in pairs.</summary>
    private const int Spacing = 128 / sizeof(long);

    private static readonly int Stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly int _width = WidthOf(kinds);
    private readonly long[] _cells = new long[Stripes * WidthOf(kinds)];

    public void Increment(int kind) => Interlocked.Increment(ref CellOf(kind));

    public void Add(int kind, long amount) => Interlocked.Add(ref CellOf(kind), amount);

    public long Total(int kind)
    {
        long total = 0;
        for (var at = kind; at < _cells.Length; at += _width)
            total += Volatile.Read(ref _cells[at]);
        return total;
    }

    /// <summary>Rounds up to whole spacings, and adds one that separates the row from the next.</summary>
    private static int WidthOf(int kinds) => (kinds + (2 * Spacing) - 1) / Spacing * Spacing;

    private ref long CellOf(int kind) => ref _cells[((Environment.CurrentManagedThreadId & (Stripes - 1)) * _width) + kind];
}
