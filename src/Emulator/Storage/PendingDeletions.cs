using System.Diagnostics.CodeAnalysis;

namespace Lookup.Emulator.Storage;

/// <summary>
/// The documents of one physical range that have expired, and whose deletion is not in the log yet. No read and no query returns them. The
/// range's lock guards every member except <see cref="IsDue"/>.
/// </summary>
internal sealed class PendingDeletions
{
    // At most one document for each key, because a deletion is recorded before its key is written again.
    private readonly Dictionary<DocumentKey, Document> _documents = [];
    private readonly PriorityQueue<Document, DateTimeOffset> _queue = new();
    private long _nextTicks = long.MaxValue;

    /// <summary>Determines whether a document expired at least <paramref name="delay"/> ago. The clock is read only if a deletion is pending.</summary>
    public bool IsDue(TimeProvider clock, TimeSpan delay)
    {
        var next = Volatile.Read(ref _nextTicks);
        return next != long.MaxValue && (clock.GetUtcNow() - delay).UtcTicks >= next;
    }

    public void Add(Document document, DateTimeOffset expiredAt)
    {
        _documents[document.Key] = document;
        _queue.Enqueue(document, expiredAt);
        PublishNext();
    }

    /// <summary>Takes the document that expired first, if it expired at <paramref name="latest"/> or before.</summary>
    public bool TryTakeFirst(DateTimeOffset latest, [NotNullWhen(true)] out Document? document, out DateTimeOffset expiredAt)
    {
        while (_queue.TryPeek(out document, out expiredAt) && (expiredAt <= latest || !IsPending(document)))
        {
            _queue.Dequeue();
            PublishNext();
            // A document that was taken by its key is only removed from the queue.
            if (IsPending(document)) return _documents.Remove(document.Key);
        }

        return false;
    }

    /// <summary>Takes the document with a key, whenever it expired.</summary>
    public bool TryTake(DocumentKey key, [NotNullWhen(true)] out Document? document) => _documents.Remove(key, out document);

    public void TakeOver(PendingDeletions parent, Func<Document, bool> belongs)
    {
        foreach (var (document, expiredAt) in parent._queue.UnorderedItems)
        {
            if (parent.IsPending(document) && belongs(document)) Add(document, expiredAt);
        }
    }

    private bool IsPending(Document document) => _documents.TryGetValue(document.Key, out var pending) && pending == document;

    private void PublishNext() =>
        Volatile.Write(ref _nextTicks, _queue.TryPeek(out _, out var next) ? next.UtcTicks : long.MaxValue);
}
