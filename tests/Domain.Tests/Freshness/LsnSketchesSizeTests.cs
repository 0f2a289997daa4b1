using System.Globalization;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Tests.Freshness;

/// <summary>Tests the counted size of the known LSNs against the memory that the garbage collector reports.</summary>
[Collection(nameof(HeapMemory))]
public sealed class LsnSketchesSizeTests
{
    /// <summary>With a small capacity, most partitions have one element, so that the size is that of everything around it.</summary>
    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(8_192, 100)]
    [InlineData(1 << 20, 100)]
    public void Counted_size_is_the_memory_of_the_partitions(int capacity, int partitions)
    {
        var (bytes, counted) = HeapMemory.Measure(
            () =>
            {
                var sketches = new LsnSketches(capacity);
                for (var i = 0; i < partitions; i++)
                    sketches.Raise(new LogPosition(new LogPartition(i.ToString("d4", CultureInfo.InvariantCulture), -1), 5), (ulong)i);
                return sketches;
            },
            sketches => sketches.Bytes);

        Assert.InRange((double)counted / bytes, 0.9, 1.1);
    }
}
