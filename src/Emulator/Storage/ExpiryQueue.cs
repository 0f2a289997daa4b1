namespace Lookup.Emulator.Storage;

/// <summary>The documents of one physical range by the time at which they expire. The range's lock guards every member but <see cref="IsDue"/>.</summary>
internal sealed class ExpiryQueue
{
    private readonly PriorityQueue<Document, DateTimeOffset> _queue = new();
    private long _nextTicks = long.MaxValue;

    /// <summary>Asks the clock only when something can expire at all, so that containers without TTL pay nothing.</summary>
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
            // A version that was written over or deleted leaves the queue without a trace.
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
