using Lookup.Functions.SharedTier.Guarding;

namespace Lookup.Functions.Tests.SharedTier;

public sealed class WriteQueueTests
{
    [Fact]
    public void Oldest_writes_are_dropped_beyond_the_number_of_keys()
    {
        var queue = new WriteQueue(maxCount: 2, maxBytes: 100);

        Assert.Equal([0, 0, 0, 1], new[] { "a", "b", "a", "c" }.Select(key => queue.Add(Write(key, 1))));
        Assert.Equal(["a", "c", null], Enumerable.Range(0, 3).Select(_ => queue.Take()?.Key));
    }

    [Fact]
    public void Oldest_writes_are_dropped_beyond_the_number_of_bytes()
    {
        var queue = new WriteQueue(maxCount: 100, maxBytes: 100);
        queue.Add(Write("a", 40));
        queue.Add(Write("b", 40));

        Assert.Equal(0, queue.Add(Write("a", 60)));
        Assert.Equal(1, queue.Add(Write("c", 1)));
        Assert.Equal(2, queue.Add(Write("d", 100)));
        Assert.Equal(1, queue.Add(Write("e", 101)) - 1);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Bytes_of_removed_writes_are_free_again()
    {
        var queue = new WriteQueue(maxCount: 100, maxBytes: 100);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(0, queue.Add(Write("a", 100)));
            queue.Remove("a");
            Assert.Equal(0, queue.Add(Write("b", 100)));
            Assert.Equal("b", queue.Take()!.Key);
            queue.Add(Write("c", 100));
            Assert.Equal(1, queue.Clear());
        }
    }

    private static QueuedWrite Write(string key, int size) => new(key, new byte[size], TimeSpan.FromHours(1));
}
