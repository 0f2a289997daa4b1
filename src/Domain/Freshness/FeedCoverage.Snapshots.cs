namespace Lookup.Domain.Freshness;

// Snapshots: what is taken of a range for instances that start, and what is restored from the snapshot of another instance.
internal sealed partial class FeedCoverage
{
    private PreparedRange?[] _prepared = [];

    /// <summary>
    /// Prepares to restore the coverage of another instance, for a range that is followed from that instance's position. It is restored by the first end,
    /// unless the epoch ends before, or that end is in another partition or below anything known.
    /// </summary>
    /// <param name="epoch">The epoch in which the range is followed from the position.</param>
    /// <param name="partition">The partition of the snapshot.</param>
    /// <param name="snapshot">The snapshot.</param>
    public void Prepare(FeedEpoch epoch, LogPartition partition, RangeSnapshot snapshot)
    {
        lock (_gate)
            _prepared[epoch.Range] = new PreparedRange(epoch, partition, snapshot);
    }

    /// <summary>Returns what this instance knows of a range, or <see langword="null"/> if it does not follow the range without a gap.</summary>
    /// <param name="range">The index of the range.</param>
    /// <param name="part">The position of the range in the feed, which was taken before this call.</param>
    /// <param name="name">The name of the range.</param>
    /// <param name="token">The position in the format of the feed.</param>
    /// <param name="now">The current wall-clock time.</param>
    /// <remarks>
    /// The position is taken first, then the coverage, then the LSNs. In another order, a part of the feed could be in none of them:
    /// <code>
    /// snapshot                            feed                                 if the coverage was taken first
    /// (takes: covered from 10)
    ///                                     gap; starts again at 30
    /// takes the position: 30                                                   covered from 10, but 11 to 29 are missing
    /// takes the coverage: from 30
    /// </code>
    /// </remarks>
    public RangeSnapshot? TakeSnapshot(int range, LogPosition part, string name, string token, DateTime now)
    {
        if (CoveredNow(range) is not { Partition: { } partition } covered || partition != part.Partition || !IsOpen(covered, range))
            return null;

        var confirmedAt = covered.Epoch.ConfirmedAt;
        return confirmedAt == FeedEpoch.Never
            ? null
            : new RangeSnapshot(
                name, token, partition.Id, partition.Version, part.Lsn, covered.From, lsns.Copy(partition), now - TimeSpan.FromTicks(freshness.Clock.Now - confirmedAt));
    }

    /// <summary>Restores the coverage that was prepared for a range, if its first end allows it.</summary>
    /// <param name="reached">The LSN from which on the range is covered otherwise.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="end">The first end.</param>
    /// <returns>The LSN from which on the range is covered.</returns>
    /// <remarks>
    /// What the other instance knows is taken over up to this end only. LSNs above it belong to results that the other instance has read ahead of its
    /// feed; this instance's own feed will show those changes.
    /// </remarks>
    private long RestoreOr_NeedsLock(long reached, FeedEpoch epoch, LogPosition end) =>
        _prepared[epoch.Range] is { } prepared
        && ReferenceEquals(prepared.Epoch, epoch)
        && prepared.Partition == end.Partition
        && end.Lsn >= reached
        && lsns.TryMerge(prepared.Partition, prepared.Snapshot.Lsns, end.Lsn)
            ? prepared.Snapshot.CoveredFrom
            : reached;

    /// <summary>Returns the partitions of all ranges, including those of prepared ranges that were not polled yet.</summary>
    private IReadOnlySet<LogPartition> Followed_NeedsLock()
    {
        var followed = freshness.Followed;
        return Array.TrueForAll(_prepared, range => range is null)
            ? followed
            : followed.Concat(_prepared.Select(range => range?.Partition).OfType<LogPartition>()).ToHashSet();
    }

    /// <summary>The coverage of another instance that a range may continue.</summary>
    /// <param name="Epoch">The epoch in which the range is followed from the other instance's position.</param>
    /// <param name="Partition">The partition.</param>
    /// <param name="Snapshot">What the other instance knows.</param>
    private sealed record PreparedRange(FeedEpoch Epoch, LogPartition Partition, RangeSnapshot Snapshot);
}
