namespace Lookup.Functions.SharedTier.Guarding;

/// <summary>A write that waits.</summary>
internal sealed record QueuedWrite(string Key, ReadOnlyMemory<byte> Value, TimeSpan TimeToLive);

/// <summary>
/// The writes that wait for the tier: at most one per key, of which the newest wins. If there are too many or they are too large together, the oldest
/// are dropped. Not thread-safe.
/// </summary>
/// <param name="maxCount">The maximum number of keys.</param>
/// <param name="maxBytes">The maximum size of the values.</param>
internal sealed class WriteQueue(int maxCount, int maxBytes)
{
    private readonly Dictionary<string, LinkedListNode<QueuedWrite>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<QueuedWrite> _oldestFirst = [];
    private long _bytes;

    public int Count => _byKey.Count;

    /// <summary>Adds a write, which replaces one with the same key.</summary>
    /// <returns>The number of writes that were dropped to make room. A replaced one is not counted.</returns>
    public int Add(QueuedWrite write)
    {
        Remove(write.Key);
        _byKey[write.Key] = _oldestFirst.AddLast(write);
        _bytes += write.Value.Length;

        var dropped = 0;
        for (; _byKey.Count > maxCount || _bytes > maxBytes; dropped++)
            Remove(_oldestFirst.First!.Value.Key);
        return dropped;
    }

    /// <summary>Removes and returns the oldest write.</summary>
    /// <returns>The write, or <see langword="null"/> if there is none.</returns>
    public QueuedWrite? Take()
    {
        if (_oldestFirst.First is not { Value: var write })
            return null;
        Remove(write.Key);
        return write;
    }

    /// <summary>Removes the write of a key, if there is one.</summary>
    public void Remove(string key)
    {
        if (!_byKey.Remove(key, out var node))
            return;
        _oldestFirst.Remove(node);
        _bytes -= node.Value.Value.Length;
    }

    /// <summary>Removes all writes.</summary>
    /// <returns>Their number.</returns>
    public int Clear()
    {
        var count = _byKey.Count;
        _byKey.Clear();
        _oldestFirst.Clear();
        _bytes = 0;
        return count;
    }
}
