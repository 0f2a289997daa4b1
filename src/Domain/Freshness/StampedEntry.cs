namespace Lookup.Domain.Freshness;

/// <summary>The base class of cache entries: a value and the latest time at which it is known to have been current.</summary>
/// <remarks>Only <see cref="LastUsed"/> and the count of the entry's hits are written after construction. <see cref="FreshAsOf"/> advances with the epoch. A revalidation creates a new entry.</remarks>
public abstract class StampedEntry
{
    /// <summary>
    /// The binary logarithm of the resolution of <see cref="LastUsed"/> in ticks (2^21 ticks, about 0.2 s). The resolution is coarse so that
    /// the cache line, which other cores read, is rarely written.
    /// </summary>
    private const int LastUsedShift = 21;

    /// <summary>
    /// The part of the range of <see cref="LastUsed"/> for uses after the reference of <see cref="UnusedUntil"/>: an eighth, 1.8 years.
    /// </summary>
    private const uint UsesAhead = uint.MaxValue / 8;

    /// <summary>The lowest bit of <see cref="LastUsed"/>, which is set by the first lookup that finds the entry.</summary>
    private const uint IsUsedBit = 1;

    /// <summary>The binary logarithm of the resolution of <see cref="TryCount"/> in ticks (2^18 ticks, about 26 ms).</summary>
    private const int CountShift = 18;

    /// <summary>The maximum time since a count, in steps. Beyond it, the count is ahead: by the coarse clock, that is a step or two.</summary>
    private const uint MaxCountAge = (uint.MaxValue >> 1) - 64;

    /// <summary>The lowest bit of the time of the last count, which is set if the entry comes from the feed.</summary>
    private const uint IsFromFeedBit = 1;

    private readonly LogPartition? _partition;
    private readonly long _asOfLsn;
    private uint _lastUsed;
    private uint _counted;

    private protected StampedEntry(EntryStamp stamp)
    {
        ExistedAt = stamp.At;
        _counted = CountOf(stamp.IsFromFeed ? stamp.StoredAt : stamp.At) | (stamp.IsFromFeed ? IsFromFeedBit : 0);
        Epoch = stamp.Epoch;
        _partition = stamp.AsOf.Partition;
        _asOfLsn = stamp.AsOf.Lsn;
        _lastUsed = SlotOf(stamp.StoredAt);
    }

    /// <summary>
    /// Gets the time at which the read, the revalidation or the poll that last showed the value was sent. It bounds the age of a user that
    /// may have been deleted unseen.
    /// </summary>
    internal long ExistedAt { get; }

    /// <summary>
    /// Gets a value that indicates whether the entry is a document that the change feed contained, or the read of another instance, not the
    /// result of a read of this one. Such an entry is fresh only through its epoch: the feed can lag behind the store, and a tier can return
    /// anything.
    /// </summary>
    internal bool IsFromFeed => (_counted & IsFromFeedBit) != 0;

    /// <summary>
    /// Gets the time at which the read or revalidation that produced this entry was sent, or <see cref="FeedEpoch.Never"/> if the feed did.
    /// </summary>
    internal long ReadStartedAt => IsFromFeed ? FeedEpoch.Never : ExistedAt;

    /// <summary>Gets the epoch that covered the read, or <see langword="null"/> if none did.</summary>
    internal FeedEpoch? Epoch { get; }

    /// <summary>
    /// Gets the position in the store's log that the entry reflects: that of the replica that was read or that last confirmed the entry, or
    /// the one before the change by which the feed updated it.
    /// </summary>
    internal LogPosition AsOf => new(_partition, _asOfLsn);

    /// <summary>
    /// Gets the time of the last lookup that found the entry, or, if no lookup has, of storing it, in steps of about 0.2 s. It determines the
    /// order of evictions and has no effect on freshness. It wraps around after 14 years, so two of them are compared only by
    /// <see cref="UnusedUntil"/>.
    /// </summary>
    private uint LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Gets a value that indicates whether a lookup has found the entry since it was stored.</summary>
    internal bool IsUsed => (LastUsed & IsUsedBit) != 0;

    /// <summary>Gets the latest time at which the entry is known to have been current.</summary>
    internal long FreshAsOf => Epoch is null ? ReadStartedAt : Math.Max(ReadStartedAt, Epoch.ConfirmedAt);

    /// <summary>
    /// Returns a number that is greater, the longer the entry was not used before another one was stored. An entry can have been used later
    /// than that.
    /// </summary>
    /// <param name="latest">An entry that was stored recently.</param>
    /// <remarks>The order is right for uses up to 12 years before that time, and up to 1.7 years after it.</remarks>
    internal uint UnusedUntil(StampedEntry latest) => unchecked(latest.LastUsed + UsesAhead - LastUsed);

    /// <summary>Records that a lookup has found the entry.</summary>
    internal void NoteUse(long now)
    {
        var use = SlotOf(now) | IsUsedBit;
        if (use != LastUsed)
            Volatile.Write(ref _lastUsed, use);
    }

    /// <summary>Records that a lookup has found the entry, without the time.</summary>
    internal void NoteUse()
    {
        var lastUsed = LastUsed;
        if ((lastUsed & IsUsedBit) == 0)
            Volatile.Write(ref _lastUsed, lastUsed | IsUsedBit);
    }

    /// <summary>
    /// Determines whether the entry would have been read again by now without the feed, since it was read or this method last returned
    /// <see langword="true"/>. It returns <see langword="true"/> at most once per period, and only then writes to the entry.
    /// </summary>
    /// <param name="now">The current time.</param>
    /// <param name="period">The period after which an entry is read again, in ticks.</param>
    internal bool TryCount(long now, long period)
    {
        var counted = Volatile.Read(ref _counted);
        if (AgeOf(counted, now) <= period)
            return false;

        return Interlocked.CompareExchange(ref _counted, CountOf(now) | (counted & IsFromFeedBit), counted) == counted;
    }

    /// <summary>
    /// Determines whether the entry would still be fresh without the feed: it was read within the period, or <see cref="TryCount"/> returned
    /// <see langword="true"/>, where the entry would have been read again.
    /// </summary>
    internal bool IsFreshWithoutFeed(long now, long period, out long until)
    {
        until = now + period - AgeOf(Volatile.Read(ref _counted), now);
        return until >= now;
    }

    /// <summary>Continues the count of the entry whose place this one takes without a read.</summary>
    internal void ContinueCount(StampedEntry replaced) => _counted = (Volatile.Read(ref replaced._counted) & ~IsFromFeedBit) | (_counted & IsFromFeedBit);

    private static uint SlotOf(long time) => (uint)(time >> LastUsedShift) << 1;

    private static uint CountOf(long time) => (uint)(time >> CountShift) << 1;

    /// <summary>Returns the time since a count, less its resolution.</summary>
    /// <remarks>
    /// The time of the count wraps around after 1.8 years. A count is then taken for a recent one if a multiple of that has passed since, to
    /// within the period of the caller; so at most one saved read of the entry is not counted.
    /// </remarks>
    private static long AgeOf(uint counted, long now)
    {
        var steps = unchecked(CountOf(now) - (counted & ~IsFromFeedBit)) >> 1;
        return steps is 0 or > MaxCountAge ? 0 : (steps - 1L) << CountShift;
    }
}

/// <summary>The origin of the value of an entry: the read or the page of the feed that returned it.</summary>
/// <param name="At">The time at which the read, the revalidation or the poll was sent.</param>
/// <param name="StoredAt">The time at which the entry is stored, for the order of evictions.</param>
/// <param name="Epoch">The epoch that covers it, or <see langword="null"/> if none does.</param>
/// <param name="AsOf">The position in the store's log that the value reflects; nothing if it is not known.</param>
/// <param name="IsFromFeed">A value that indicates whether the value comes from a page of the change feed.</param>
internal readonly record struct EntryStamp(long At, long StoredAt, FeedEpoch? Epoch, LogPosition AsOf, bool IsFromFeed)
{
    /// <summary>Gets the stamp of a value that is not an entry yet.</summary>
    public static EntryStamp None => ForRead(FeedEpoch.Never, null, default);

    /// <summary>Creates the stamp of the result of a read.</summary>
    public static EntryStamp ForRead(long sentAt, FeedEpoch? epoch, LogPosition asOf = default) => new(sentAt, sentAt, epoch, asOf, false);

    /// <summary>Creates the stamp of a document from a page of the feed.</summary>
    /// <remarks>
    /// One transaction can write a user twice at one position, and the second change can be on the next page. The document is therefore not
    /// known to reflect everything at the position of its own change, only everything before.
    /// </remarks>
    public static EntryStamp ForFeed(long sentAt, long storedAt, FeedEpoch epoch, LogPosition change) =>
        new(sentAt, storedAt, epoch, change with { Lsn = change.Lsn - 1 }, true);

    /// <summary>Creates the stamp of the read of another instance. It is no evidence of freshness, so only the epoch is.</summary>
    public static EntryStamp ForTier(long existedAt, long storedAt, FeedEpoch epoch, LogPosition asOf) => new(existedAt, storedAt, epoch, asOf, true);
}
