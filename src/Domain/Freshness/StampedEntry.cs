namespace Lookup.Domain.Freshness;

/// <summary>The base class of cache entries: a value and the latest time at which it is known to have been current.</summary>
/// <remarks>Only <see cref="LastUsed"/> is written after construction. <see cref="FreshAsOf"/> advances with the epoch. A revalidation creates a new entry.</remarks>
public abstract class StampedEntry
{
    /// <summary>
    /// The binary logarithm of the resolution of <see cref="LastUsed"/> in ticks (2^20 ticks, about 0.1 s). The resolution is coarse so that
    /// the cache line, which other cores read, is rarely written.
    /// </summary>
    private const int LastUsedShift = 20;

    private readonly LogPartition? _partition;
    private readonly long _asOfLsn;
    private uint _lastUsed;

    private protected StampedEntry(long readStartedAt, FeedEpoch? epoch, LogPosition asOf)
    {
        ReadStartedAt = readStartedAt;
        Epoch = epoch;
        _partition = asOf.Partition;
        _asOfLsn = asOf.Lsn;
        _lastUsed = (uint)(readStartedAt >> LastUsedShift);
    }

    /// <summary>Gets the time at which the read or revalidation that produced this entry was sent.</summary>
    internal long ReadStartedAt { get; }

    /// <summary>Gets the epoch that covered the read, or <see langword="null"/> if none did.</summary>
    internal FeedEpoch? Epoch { get; }

    /// <summary>Gets the position of the read or the last revalidation in the store's log: the state that the entry reflects.</summary>
    internal LogPosition AsOf => new(_partition, _asOfLsn);

    /// <summary>
    /// Gets the time of the last lookup that found the entry, or, if no lookup has, of its read, in steps of about 0.1 s. It determines the
    /// order of evictions and has no effect on freshness.
    /// </summary>
    internal uint LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Gets the latest time at which the entry is known to have been current.</summary>
    internal long FreshAsOf => Epoch is null ? ReadStartedAt : Math.Max(ReadStartedAt, Epoch.ConfirmedAt);

    /// <summary>Records that a lookup has found the entry.</summary>
    internal void NoteUse(long now)
    {
        var use = (uint)(now >> LastUsedShift);
        if (use != LastUsed)
            Volatile.Write(ref _lastUsed, use);
    }
}
