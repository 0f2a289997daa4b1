namespace Lookup.Emulator.Partitioning;

/// <summary>A half-open interval of the hash space: <paramref name="Min"/> is included, and <paramref name="Max"/> is not.</summary>
internal readonly record struct KeyRange(EffectivePartitionKey Min, EffectivePartitionKey Max)
{
    public static readonly KeyRange Everything = new(EffectivePartitionKey.Lowest, EffectivePartitionKey.AboveAll);

    public bool Contains(EffectivePartitionKey key) => key >= Min && key < Max;

    /// <summary>Divides the hash space into equal ranges, as Cosmos DB does for a new container.</summary>
    public static IEnumerable<KeyRange> Divide(int count)
    {
        var min = EffectivePartitionKey.Lowest;
        for (var i = 1; i <= count; i++)
        {
            var max = i == count
                ? EffectivePartitionKey.AboveAll
                : new EffectivePartitionKey(EffectivePartitionKey.HashLimit.Value / (UInt128)count * (UInt128)i);
            yield return new KeyRange(min, max);
            min = max;
        }
    }

    public (KeyRange Lower, KeyRange Upper) Halve()
    {
        // No key has a hash above the limit, so the last range is halved below it.
        var top = Max > EffectivePartitionKey.HashLimit ? EffectivePartitionKey.HashLimit : Max;
        var middle = new EffectivePartitionKey(Min.Value + (top.Value - Min.Value) / 2);
        return (new KeyRange(Min, middle), new KeyRange(middle, Max));
    }
}
