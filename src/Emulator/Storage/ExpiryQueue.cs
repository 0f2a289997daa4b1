namespace Lookup.Emulator.Storage;

/// <summary>
/// The documents of one physical range, ordered by the time at which they expire. The range's lock guards every member except
/// <see cref="IsDue"/>.
/// </summary>
internal sealed class ExpiryQueue
{
    private readonly PriorityQueue<Document, DateTimeOffset> _queue = new();
    private long _nextTicks = long.MaxValue;

    /// <summary>
    /// Determines whether an expiry is due. The clock is read only if a document can expire, so that containers without a time to live have
    /// no overhead.
    /// </summary>
    public bool IsDue(TimeProvider clock)
    {
        var next = Volatile.Read(ref _nextTicks);
        return next != long.MaxValue && clock.GetUtcNow().UtcTicks >= next;
    }

    public void Add(Document document, DateTimeOffset? expiresAt)
    {
        if (expiresAt is not { } moment) return;
        _queue.Enqueue(document, moment);
        PublishNext();
    }

    public bool TryTakeExpired(DateTimeOffset now, out Document document, out DateTimeOffset expiredAt)
    {
        while (_queue.TryPeek(out document!, out expiredAt) && (expiredAt <= now || !document.IsCurrent))
        {
            _queue.Dequeue();
            PublishNext();
            // A version that was replaced or deleted is only removed from the queue.
            if (document.IsCurrent) return true;
        }

        return false;
    }

    public void Clear()
    {
        _queue.Clear();
        PublishNext();
    }

    private void PublishNext() =>
        Volatile.Write(ref _nextTicks, _queue.TryPeek(out _, out var next) ? next.UtcTicks : long.MaxValue);
}
