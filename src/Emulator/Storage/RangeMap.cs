using System.Globalization;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The map from partition keys to the physical ranges of one container, which splits change.</summary>
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

    /// <summary>Gets the version of the map and its ranges in the order of their keys, without ranges that were split.</summary>
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

    /// <summary>Finds a range by its id.</summary>
    /// <exception cref="CosmosErrorException">The range does not exist or was split. On 410/1002, the SDK reads the ranges again.</exception>
    public PhysicalRange Find(string id)
    {
        foreach (var range in _current.Ranges)
        {
            if (range.Id == id) return range;
        }

        throw CosmosErrorException.RangeGone(id);
    }

    /// <summary>Splits a range in two.</summary>
    /// <param name="prepare">Initializes the children before they are visible to requests.</param>
    public (PhysicalRange Lower, PhysicalRange Upper) Split(string id, Action<PhysicalRange> prepare)
    {
        lock (_splitting)
        {
            var map = _current;
            var parent = Find(id);
            // The gate is held until the parent is marked as gone, so that a writer that waits for the gate sees the mark and uses a child.
            lock (parent.Gate)
            {
                var generation = map.Generation + 1;
                var (lower, upper) = parent.Split(Name(map.NextId), Name(map.NextId + 1), generation);
                prepare(lower);
                prepare(upper);
                var ranges = map.Ranges.SelectMany(range => range == parent ? [lower, upper] : new[] { range });
                _current = new Snapshot([.. ranges], generation, map.NextId + 2);
                parent.MarkGone();
                return (lower, upper);
            }
        }
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    internal sealed record Snapshot(PhysicalRange[] Ranges, long Generation, int NextId);
}
