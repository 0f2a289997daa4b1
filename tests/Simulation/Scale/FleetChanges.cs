namespace Lookup.Simulation.Scale;

/// <summary>The changes of all users, in the order of their times. Times are in ticks.</summary>
internal sealed class FleetChanges(int keys, int ranges)
{
    private readonly List<long>?[] _ofUser = new List<long>?[keys];
    private readonly List<(long Time, int Key)>[] _ofRange = [.. Enumerable.Range(0, ranges).Select(_ => new List<(long, int)>())];

    public int RangeOf(int key) => key % ranges;

    public void Add(int key, long time)
    {
        (_ofUser[key] ??= []).Add(time);
        _ofRange[RangeOf(key)].Add((time, key));
    }

    /// <summary>Returns the time of the first change of a user after a time, or <see cref="long.MaxValue"/> if there is none.</summary>
    public long FirstAfter(int key, long time)
    {
        if (_ofUser[key] is not { } changes)
            return long.MaxValue;

        var index = changes.BinarySearch(time);
        index = index < 0 ? ~index : index + 1;
        return index < changes.Count ? changes[index] : long.MaxValue;
    }

    /// <summary>Gets the changes of a range.</summary>
    public IReadOnlyList<(long Time, int Key)> OfRange(int range) => _ofRange[range];
}
