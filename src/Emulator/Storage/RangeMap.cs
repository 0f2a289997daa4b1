using System.Globalization;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The map from partition keys to the physical ranges of one container, which splits and merges change.</summary>
internal sealed class RangeMap
{
    private readonly Lock _changing = new();
    private volatile Snapshot _current;

    public RangeMap(int count)
    {
        const long FirstGeneration = 1;
        var ranges = KeyRange.Divide(count).Select((keys, index) => new PhysicalRange(Name(index), keys, FirstGeneration));
        _current = new Snapshot([.. ranges], FirstGeneration, count);
    }

    /// <summary>Gets the version of the map and its ranges in the order of their keys, without ranges that were split or merged.</summary>
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
    /// <exception cref="CosmosErrorException">The range does not exist, or was split or merged. On 410/1002, the SDK reads the ranges again.</exception>
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
        lock (_changing)
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

    /// <summary>Merges two adjacent ranges into one.</summary>
    /// <param name="prepare">Initializes the merged range before it is visible to requests.</param>
    public PhysicalRange Merge(string id, string adjacentId, Action<PhysicalRange> prepare)
    {
        lock (_changing)
        {
            var map = _current;
            var (lower, upper) = (Find(id), Find(adjacentId));
            if (lower.Keys.Min > upper.Keys.Min) (lower, upper) = (upper, lower);
            if (lower.Keys.Max != upper.Keys.Min)
            {
                throw CosmosErrorException.BadRequest(
                    $"The ranges '{id}' and '{adjacentId}' are not adjacent; in the order of their keys, the ranges are "
                    + $"{string.Join(", ", map.Ranges.Select(range => range.Id))}.");
            }

            // As in a split, a writer that waits for one of the gates then sees that the range is gone. Writers hold one gate only.
            lock (lower.Gate)
            {
                lock (upper.Gate)
                {
                    var generation = map.Generation + 1;
                    var merged = PhysicalRange.Merge(Name(map.NextId), generation, lower, upper);
                    prepare(merged);
                    var ranges = map.Ranges.Where(range => range != upper).Select(range => range == lower ? merged : range);
                    _current = new Snapshot([.. ranges], generation, map.NextId + 1);
                    lower.MarkGone();
                    upper.MarkGone();
                    return merged;
                }
            }
        }
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    internal sealed record Snapshot(PhysicalRange[] Ranges, long Generation, int NextId);
}
