using System.Globalization;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The physical ranges of one container: which keys belong where, and how that changes by splits.</summary>
internal sealed class RangeMap
{
    private readonly Lock _splitting = new();
    private volatile Snapshot _current;

    public RangeMap(int count)
    {
        const long FirstGeneration = 1;
        var ranges = KeyRange.Divide(count).Select((keys, index) => new PhysicalRange(Name(index), keys, FirstGeneration));
        _current = new Snapshot([.. ranges], FirstGeneration, count);
    }

    /// <summary>The ranges in the order of their keys, none of them gone, and the version of the map.</summary>
    public Snapshot Current => _current;

    public PhysicalRange RangeOf(EffectivePartitionKey place)
    {
        var ranges = _current.Ranges;
        int low = 0, high = ranges.Length - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (place < ranges[middle].Keys.Max) high = middle;
            else low = middle + 1;
        }

        return ranges[low];
    }

    /// <summary>Throws 410/1002 for a range that was split, which makes the SDK read the ranges again.</summary>
    public PhysicalRange Find(string id)
    {
        foreach (var range in _current.Ranges)
        {
            if (range.Id == id) return range;
        }

        throw CosmosErrorException.RangeGone(id);
    }

    /// <param name="prepare">Readies the children before anybody can see them.</param>
    public (PhysicalRange Lower, PhysicalRange Upper) Split(string id, Action<PhysicalRange> prepare)
    {
        lock (_splitting)
        {
            var map = _current;
            var parent = Find(id);
            // Holding the parent's gate until it is retired: a writer that waits for it will see that and go to a child.
            lock (parent.Gate)
            {
                var generation = map.Generation + 1;
                var (lower, upper) = parent.Split(Name(map.Named), Name(map.Named + 1), generation);
                prepare(lower);
                prepare(upper);
                var ranges = map.Ranges.SelectMany(range => range == parent ? [lower, upper] : new[] { range });
                _current = new Snapshot([.. ranges], generation, map.Named + 2);
                parent.MarkGone();
                return (lower, upper);
            }
        }
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    internal sealed record Snapshot(PhysicalRange[] Ranges, long Generation, int Named);
}
