namespace Lookup.Domain.Caching.Entries;

/// <summary>A FIFO queue of slots. Guarded by the section's lock.</summary>
internal sealed class S3FifoQueue
{
    private S3FifoSlot? _last;

    public S3FifoSlot? First { get; private set; }

    public long Bytes { get; private set; }

    public void Add(S3FifoSlot slot)
    {
        slot.Queue = this;
        slot.Previous = _last;
        if (_last is null)
            First = slot;
        else
            _last.Next = slot;
        _last = slot;
        Bytes += slot.Size;
    }

    public void Remove(S3FifoSlot slot)
    {
        if (slot.Previous is null)
            First = slot.Next;
        else
            slot.Previous.Next = slot.Next;
        if (slot.Next is null)
            _last = slot.Previous;
        else
            slot.Next.Previous = slot.Previous;

        (slot.Queue, slot.Previous, slot.Next) = (null, null, null);
        Bytes -= slot.Size;
    }

    public void Clear() => (First, _last, Bytes) = (null, null, 0);
}
