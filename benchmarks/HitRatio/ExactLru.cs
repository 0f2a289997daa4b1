namespace Lookup.Benchmarks.HitRatio;

/// <summary>Exact LRU, which evicts one entry at a time. Compaction by 5% of the entries approximates it.</summary>
internal sealed class ExactLru(int capacity) : IReplayed
{
    private readonly Dictionary<int, LinkedListNode<int>> _nodes = [];
    private readonly LinkedList<int> _byUse = [];

    public long StoreReads { get; private set; }

    public void Access(int key)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return;
        }

        StoreReads++;
        if (_nodes.Count == capacity)
        {
            _nodes.Remove(_byUse.First!.Value);
            _byUse.RemoveFirst();
        }

        _nodes.Add(key, _byUse.AddLast(key));
    }

    public void Dispose()
    {
    }
}
