namespace Lookup.Domain.Freshness;

/// <summary>
/// A stretch of time in which the change feed was followed without a gap. Entries remember the one that covered their read.
/// </summary>
/// <remarks>
/// All that a hit needs is <see cref="ConfirmedAt"/>, one volatile read: an epoch that has ended, and one that is not armed yet,
/// say <see cref="Never"/>, so no reader can pair an old entry with the confirmation of a later epoch.
/// <para>All else is written under the lock of <see cref="FreshnessTracker"/>.</para>
/// </remarks>
internal sealed partial class FeedEpoch(long number, int rangeCount)
{
    /// <summary>Before any time.</summary>
    public const long Never = long.MinValue / 2;

    private readonly long[] _rangeConfirmedAt = Enumerable.Repeat(Never, rangeCount).ToArray();
    private long _confirmedAt = Never;
    private bool _ended;

    /// <summary>Counts the epochs of this instance, from 1.</summary>
    public long Number { get; } = number;

    /// <summary>How many feed ranges must be confirmed.</summary>
    public int RangeCount => _rangeConfirmedAt.Length;

    /// <summary>
    /// Every change that the feed showed before this time was applied. <see cref="Never"/> unless the epoch is armed and goes on.
    /// </summary>
    public long ConfirmedAt => Volatile.Read(ref _confirmedAt);

    /// <summary>Every range was read to its first «no more changes» in this epoch, which has not ended.</summary>
    public bool IsArmed => ConfirmedAt != Never;

    /// <summary>When the poll was sent that last found the end of a range; <see cref="Never"/> too for a range of another epoch.</summary>
    public long RangeConfirmedAt(int range) =>
        range < _rangeConfirmedAt.Length ? Volatile.Read(ref _rangeConfirmedAt[range]) : Never;

    /// <summary>Notes a poll of one range that came back «no more changes». Returns whether it armed the epoch.</summary>
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

    /// <summary>From here on nothing is confirmed by this epoch: not even a confirmation that is on its way.</summary>
    public void End_NeedsLock()
    {
        _ended = true;
        Volatile.Write(ref _confirmedAt, Never);
    }

    // A hook for the known-bad variants of the simulation (tests/Simulation.Mutants).
    partial void OnConfirmed(long at);
}
