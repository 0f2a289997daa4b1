namespace Lookup.Domain.Freshness;

/// <summary>
/// A period in which one feed range, or all of them together, was followed without a gap. Entries refer to the epoch that covered their
/// read.
/// </summary>
/// <remarks>
/// A hit needs only <see cref="ConfirmedAt"/>, one volatile read. It is <see cref="Never"/> for an epoch that has ended or is not armed
/// yet, so no reader can combine an old entry with the confirmation of a later epoch.
/// <para>All other state is written under the lock of <see cref="FreshnessTracker"/>.</para>
/// </remarks>
/// <param name="number">The number of this epoch in this instance.</param>
/// <param name="range">The index of the feed range, or <see cref="AllRanges"/>.</param>
/// <param name="account">What lookups of the range cost and save. It continues in the next epoch.</param>
internal sealed partial class FeedEpoch(long number, int range, RangeAccount account)
{
    /// <summary>A time before any other.</summary>
    public const long Never = long.MinValue / 2;

    /// <summary>The index that stands for all feed ranges together.</summary>
    public const int AllRanges = -1;

    private long _confirmedAt = Never;
    private LogPosition[] _coveredFrom = [];
    private bool _ended;

    /// <summary>Gets the number of this epoch in this instance, starting at 1. It increases with every epoch of any range.</summary>
    public long Number { get; } = number;

    /// <summary>Gets the index of the feed range, or <see cref="AllRanges"/>.</summary>
    public int Range { get; } = range;

    /// <summary>Gets what lookups of the range cost and save; for all ranges together, those by alternate key.</summary>
    public RangeAccount Account { get; } = account;

    /// <summary>
    /// Gets the time up to which every change in the feed was applied, or <see cref="Never"/> if the epoch is not armed or has ended.
    /// </summary>
    public long ConfirmedAt => Volatile.Read(ref _confirmedAt);

    /// <summary>
    /// Gets a value that indicates whether the range was read to a first "no more changes" in this epoch and the epoch has not ended.
    /// </summary>
    public bool IsArmed => ConfirmedAt != Never;

    /// <summary>
    /// Gets the positions at which following began: those of the first "no more changes" of each partition, as far as they are known. The
    /// feed shows every change after them, and none before.
    /// </summary>
    public IReadOnlyList<LogPosition> CoveredFrom => Volatile.Read(ref _coveredFrom);

    /// <summary>
    /// Determines whether the epoch covers a state at a position. A replica that lags can return a state from before the position at which
    /// following began; the feed will never show what that state lacks.
    /// </summary>
    /// <returns><see langword="true"/> if it does, or if that is not known; then only the session of the client ensures it.</returns>
    public bool Covers(LogPosition position)
    {
        foreach (var from in CoveredFrom)
        {
            if (position.IsBehind(from))
                return false;
        }

        return true;
    }

    /// <summary>Records a poll, sent at the given time, that returned "no more changes".</summary>
    /// <param name="sentAt">The time at which the poll was sent.</param>
    /// <param name="positions">The position of each partition at that end, as far as they are known.</param>
    /// <returns><see langword="true"/> if the poll armed the epoch; otherwise, <see langword="false"/>.</returns>
    public bool Confirm_NeedsLock(long sentAt, IEnumerable<LogPosition> positions)
    {
        if (_ended || sentAt <= _confirmedAt)
            return false;

        var arms = _confirmedAt == Never;
        if (arms)
            Volatile.Write(ref _coveredFrom, [.. positions.Where(position => position.IsKnown)]);
        Volatile.Write(ref _confirmedAt, sentAt);
        OnConfirmed(sentAt);
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
