namespace Lookup.Domain.Freshness;

/// <summary>
/// A period in which the change feed was followed without a gap. Entries refer to the epoch that covered their read.
/// </summary>
/// <remarks>
/// A hit needs only <see cref="ConfirmedAt"/>, one volatile read. It is <see cref="Never"/> for an epoch that has ended or is not armed
/// yet, so no reader can combine an old entry with the confirmation of a later epoch.
/// <para>All other state is written under the lock of <see cref="FreshnessTracker"/>.</para>
/// </remarks>
internal sealed partial class FeedEpoch(long number, int rangeCount)
{
    /// <summary>A time before any other.</summary>
    public const long Never = long.MinValue / 2;

    private readonly long[] _rangeConfirmedAt = Enumerable.Repeat(Never, rangeCount).ToArray();
    private long _confirmedAt = Never;
    private bool _ended;

    /// <summary>Gets the number of this epoch in this instance, starting at 1.</summary>
    public long Number { get; } = number;

    /// <summary>Gets the number of feed ranges that must be confirmed.</summary>
    public int RangeCount => _rangeConfirmedAt.Length;

    /// <summary>
    /// Gets the time up to which every change in the feed was applied, or <see cref="Never"/> if the epoch is not armed or has ended.
    /// </summary>
    public long ConfirmedAt => Volatile.Read(ref _confirmedAt);

    /// <summary>
    /// Gets a value that indicates whether every range was read to a first "no more changes" in this epoch and the epoch has not ended.
    /// </summary>
    public bool IsArmed => ConfirmedAt != Never;

    /// <summary>
    /// Returns the time at which the last poll that found the end of a range was sent, or <see cref="Never"/> if there was none or the
    /// range belongs to another epoch.
    /// </summary>
    public long RangeConfirmedAt(int range) =>
        range < _rangeConfirmedAt.Length ? Volatile.Read(ref _rangeConfirmedAt[range]) : Never;

    /// <summary>Records a poll of one range that returned "no more changes".</summary>
    /// <returns><see langword="true"/> if the poll armed the epoch; otherwise, <see langword="false"/>.</returns>
    public bool Confirm_NeedsLock(int range, long sentAt)
    {
        if (_ended)
            return false;

        if (sentAt > _rangeConfirmedAt[range])
            Volatile.Write(ref _rangeConfirmedAt[range], sentAt);

        var oldest = _rangeConfirmedAt.Min();
        if (oldest <= _confirmedAt)
            return false;

        var arms = _confirmedAt == Never;
        Volatile.Write(ref _confirmedAt, oldest);
        OnConfirmed(oldest);
        return arms;
    }

    /// <summary>Ends the epoch. From now on it confirms nothing, not even by a poll that is already in flight.</summary>
    public void End_NeedsLock()
    {
        _ended = true;
        Volatile.Write(ref _confirmedAt, Never);
    }

    // A hook for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnConfirmed(long at);
}
