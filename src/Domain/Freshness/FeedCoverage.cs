namespace Lookup.Domain.Freshness;

/// <summary>
/// The part of the log of each feed range that this instance has followed without a gap, and the users about which that says nothing. It
/// determines whether a state from another instance reflects everything that this instance has been shown and has returned.
/// </summary>
/// <remarks>
/// <para>
/// A state of the range's partition is covered if its LSN is not below the one at which following began: the feed has shown, or will show,
/// every later change. What the feed has shown of a user, and what was returned of it from the same partition, is in the <see cref="LsnSketches"/>.
/// What was returned from another partition, or from an unknown one, cannot be compared. It <em>closes</em> the user, until a poll that was
/// sent afterwards has found the end: in the session of the client, that end is not before the result that was returned.
/// </para>
/// <code>
/// reader                                    feed                              without closing
/// gets version 2 from a response
///   without an LSN, ahead of the feed
///                                           has shown version 1
/// version 2 is evicted for memory
/// the tier returns version 1                nothing is newer than version 1   version 1 after version 2
/// </code>
/// <para>Thread-safe. It takes the lock of the sketches, and is called under those of the stripes and of <see cref="FreshnessTracker"/>.</para>
/// </remarks>
internal sealed class FeedCoverage(LsnSketches lsns, FreshnessTracker freshness)
{
    /// <summary>The maximum number of closed users. Beyond it, all are closed instead.</summary>
    public const int MaxClosed = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ClosedKey> _closed = [];
    private CoveredRange?[] _ranges = [];
    private long[] _namedAt = [];
    private long _allClosedAt = FeedEpoch.Never;
    private int _closedKeys;

    /// <summary>Begins the ranges of a feed that was started. Nothing of them is covered yet.</summary>
    public void Begin(int ranges)
    {
        lock (_gate)
        {
            _namedAt = new long[ranges];
            Array.Fill(_namedAt, long.MaxValue);
            Volatile.Write(ref _ranges, new CoveredRange?[ranges]);
        }
    }

    /// <summary>
    /// Records that a partition is the one of a range from now on. Results that were returned before may come from the partition in its place
    /// before that, such as the one that it was split from.
    /// </summary>
    public void NoteNamed(int range)
    {
        var now = freshness.Clock.Now;
        lock (_gate)
        {
            if (range < _namedAt.Length)
                _namedAt[range] = now;
        }
    }

    /// <summary>
    /// Ends the coverage of a range for the rest of an epoch, because a page did not name its position. Its changes cannot be compared, and an
    /// end may come from a replica behind it.
    /// </summary>
    public void NoteUnknownPage(FeedEpoch epoch)
    {
        lock (_gate)
        {
            if (epoch.Range < _ranges.Length)
                Volatile.Write(ref _ranges[epoch.Range], new CoveredRange(epoch, null, long.MaxValue, FeedEpoch.Never, 0));
        }
    }

    /// <summary>Records that a poll of a range, sent at the given time in a current epoch, returned "no more changes".</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="sentAt">The time at which the poll was sent.</param>
    /// <param name="end">The position of that end; nothing if it is not known or the range has several.</param>
    public void NoteEnd(FeedEpoch epoch, long sentAt, LogPosition end)
    {
        if (!end.IsKnown)
            return;

        lock (_gate)
        {
            var range = epoch.Range;
            if (range >= _ranges.Length)
                return;

            var known = _ranges[range] is { } of && ReferenceEquals(of.Epoch, epoch) ? of : null;
            if (known is { Partition: null })
                return;

            // The end can come from a replica that lags behind one that has returned a result.
            var partition = end.Partition!;
            var reached = Math.Max(end.Lsn, lsns.HighestOf(partition));
            var continues = known is not null && known.Partition == partition && IsOpen(known, range);
            Volatile.Write(
                ref _ranges[range],
                continues ? known! with { SeenLsn = Math.Max(known!.SeenLsn, end.Lsn) } : new CoveredRange(epoch, partition, reached, sentAt, end.Lsn));

            foreach (var (hash, closed) in _closed)
            {
                if (closed.At >= sentAt || freshness.PartitionOf(closed.PartitionKey) != partition)
                    continue;

                // First, so that no state below it is ever accepted in between.
                lsns.Raise(new LogPosition(partition, reached), hash);
                _closed.Remove(hash);
            }

            Volatile.Write(ref _closedKeys, _closed.Count);
        }
    }

    /// <summary>Closes a user, because its latest result or change cannot be compared. Call this under the lock of its stripe.</summary>
    public void Close(ulong hash, string partitionKey)
    {
        var now = freshness.Clock.Now;
        lock (_gate)
        {
            if (_closed.Count == MaxClosed && !_closed.ContainsKey(hash))
                CloseAll_NeedsLock(now);
            else
                _closed[hash] = new ClosedKey(partitionKey, now);
            Volatile.Write(ref _closedKeys, _closed.Count);
        }
    }

    /// <summary>Closes all users: the coverage of each range begins again with a poll that is sent from now on.</summary>
    public void CloseAll()
    {
        var now = freshness.Clock.Now;
        lock (_gate)
            CloseAll_NeedsLock(now);
    }

    /// <summary>
    /// Gets the LSN up to which the changes of a range were applied, as of its last end, and the one at which its coverage began; or
    /// <see langword="null"/> if nothing is covered.
    /// </summary>
    public (long CoveredFrom, long SeenLsn)? Of(int range)
    {
        var ranges = Volatile.Read(ref _ranges);
        return range < ranges.Length && Volatile.Read(ref ranges[range]) is { Partition: not null } covered && freshness.Current.Contains(covered.Epoch)
            ? (covered.From, covered.SeenLsn)
            : null;
    }

    /// <summary>
    /// Determines why a state of a user that another instance has read must not be used; nothing if everything that this instance has been
    /// shown and has returned of the user is reflected in it. Call this under the lock of the user's stripe.
    /// </summary>
    /// <param name="partitionKey">The partition key value of the user.</param>
    /// <param name="hash">The hash of the user's key.</param>
    /// <param name="state">The position of the state.</param>
    /// <param name="epoch">The epoch that covers the state, if there is no reason.</param>
    public CoverageGaps Check(string partitionKey, ulong hash, LogPosition state, out FeedEpoch epoch)
    {
        // The epoch is read first: if it ends meanwhile, it confirms nothing.
        var epochs = freshness.Current;
        epoch = epochs.Of(partitionKey);
        var range = epochs.Partitioner?.RangeOf(partitionKey) ?? (epochs.Count == 1 ? 0 : int.MaxValue);
        var ranges = Volatile.Read(ref _ranges);
        if (range >= ranges.Length || range >= epochs.Count)
            return CoverageGaps.NotArmed;

        var gaps = epoch.IsArmed ? CoverageGaps.None : CoverageGaps.NotArmed;
        if (freshness.PartitionOf(partitionKey) != state.Partition || !state.IsKnown)
            gaps |= CoverageGaps.OtherPartition;

        var covered = Volatile.Read(ref ranges[range]);
        if (covered is null || !ReferenceEquals(covered.Epoch, epochs[range]))
            gaps |= CoverageGaps.NotArmed;
        else if (covered.Partition != state.Partition || state.Lsn < covered.From || !IsOpen(covered, range))
            gaps |= CoverageGaps.NotCovered;
        if (Volatile.Read(ref _closedKeys) > 0 && IsClosed(hash))
            gaps |= CoverageGaps.Closed;

        // Last: a user that is no longer closed has raised its LSN before.
        return state.Partition is null || lsns.IsBehind(state, hash) || !lsns.CanRaise(state.Partition) ? gaps | CoverageGaps.Behind : gaps;
    }

    private bool IsClosed(ulong hash)
    {
        lock (_gate)
            return _closed.ContainsKey(hash);
    }

    /// <summary>
    /// Determines whether no result that was returned before the coverage began can be newer than it: it began with a poll that was sent after
    /// the partition became that of the range, or no other partition has returned a user of the range.
    /// </summary>
    private bool IsOpen(CoveredRange covered, int range)
    {
        var namedAt = Volatile.Read(ref _namedAt);
        if (covered.Since <= Volatile.Read(ref _allClosedAt) || range >= namedAt.Length)
            return false;
        return covered.Since > Volatile.Read(ref namedAt[range]) || lsns.IsFirst(covered.Partition!, freshness);
    }

    private void CloseAll_NeedsLock(long now)
    {
        Volatile.Write(ref _allClosedAt, Math.Max(_allClosedAt, now));
        _closed.Clear();
        Volatile.Write(ref _closedKeys, 0);
    }

    /// <summary>The coverage of a range in one epoch and one partition; no partition if nothing of it can be covered in this epoch.</summary>
    private sealed record CoveredRange(FeedEpoch Epoch, LogPartition? Partition, long From, long Since, long SeenLsn);

    private readonly record struct ClosedKey(string PartitionKey, long At);
}

/// <summary>Specifies why a state of a user that another instance has read must not be used.</summary>
[Flags]
internal enum CoverageGaps
{
    /// <summary>It may be used.</summary>
    None = 0,

    /// <summary>The feed range of the user is not armed.</summary>
    NotArmed = 1,

    /// <summary>The state is of another partition than the one that the range is followed in, or that is not known.</summary>
    OtherPartition = 2,

    /// <summary>The state is older than the position at which following began.</summary>
    NotCovered = 4,

    /// <summary>The latest result or change of the user cannot be compared with it.</summary>
    Closed = 8,

    /// <summary>A change or a result of the user is newer.</summary>
    Behind = 16,
}
