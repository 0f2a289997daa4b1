namespace Lookup.Benchmarks.HitRatio;

/// <summary>Accesses in order, their keys numbered from 0 in order of appearance.</summary>
/// <param name="Name">What it is called in the tables.</param>
/// <param name="Accesses">The key of each access.</param>
/// <param name="Keys">How many keys there are.</param>
internal sealed record Trace(string Name, int[] Accesses, int Keys)
{
    public static Trace Of(string name, IEnumerable<int> keys)
    {
        var numbers = new Dictionary<int, int>();
        var accesses = new List<int>();
        foreach (var key in keys)
        {
            if (!numbers.TryGetValue(key, out var number))
                numbers.Add(key, number = numbers.Count);
            accesses.Add(number);
        }

        return new Trace(name, [.. accesses], numbers.Count);
    }
}
