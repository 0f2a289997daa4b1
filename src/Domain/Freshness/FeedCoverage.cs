namespace Lookup.Domain.Freshness;

/// <summary>
/// The part of the log of each feed range that this instance has followed without a gap, and the users about which that says nothing. It
/// determines whether a state from another instance reflects everything that this instance has been shown and has returned.
/// </summary>
/// <remarks>
/// <para>
/// A state of the range's partition is covered if its LSN is not below the one at which following began: the feed has shown, or will show,
/// every later change. What the feed has shown of a user, and what was returned of it from the same partition, is in the <see cref="LsnSketches"/>.
/// What was returned without a position cannot be compared. It <em>closes</em> the user, until a poll that was sent afterwards has found the
/// end: in the session of the client, that end is not before the result that was returned.
/// </para>
/// <code>
/// reader                                    feed                              without closing
/// gets version 2 from a response
///   without an LSN, ahead of the feed
///                                           has shown version 1
/// version 2 is evicted for memory
/// the tier returns version 1                nothing is newer than version 1   version 1 after version 2
/// </code>
/// <para>
/// A result of a partition that no range is followed in, such as the child of one that has split, <em>ends</em> the coverage of the partition
/// in its place. The session of the client does not relate the two, so a later poll of the partition that has ended proves nothing.
/// </para>
/// <para>Thread-safe. It takes the lock of the sketches, and is called under those of the stripes and of <see cref="FreshnessTracker"/>.</para>
/// </remarks>
internal sealed partial class FeedCoverage(LsnSketches lsns, FreshnessTracker freshness)
{
    /// <summary>The maximum number of closed users. Beyond it, all are closed instead.</summary>
    public const int MaxClosed = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ClosedKey> _closed = [];
    private readonly HashSet<LogPartition> _named = [];
    private CoveredRange?[] _ranges = [];
    private LogPartition[] _ended = []; // immutable; replaced under the lock
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
            Volatile.Write(ref _ended, []);
            _prepared = new PreparedRange?[ranges];
            Volatile.Write(ref _ranges, new CoveredRange?[ranges]);
        }
    }

    /// <summary>
    /// Records that a partition is the one of a range from now on. Results that were returned before may come from the partition in its place
    /// before that, such as the one that it was split from.
    /// </summary>
    public void NoteNamed(int range, LogPartition? partition)
    {
        var now = freshness.Clock.Now;
        lock (_gate)
        {
            if (partition is not null)
                _named.Add(partition);
            if (range < _namedAt.Length)
                _namedAt[range] = now;
        }
    }

    /// <summary>
    /// Ends the coverage of a range because a page did not name its position. Its changes cannot be compared. The range is covered again from the
    /// end of a poll that was sent later and names its position.
    /// </summary>
    public void NoteUnknownPage(FeedEpoch epoch)
    {
        var now = freshness.Clock.Now;
        lock (_gate)
        {
            if (epoch.Range < _ranges.Length)
                Volatile.Write(ref _ranges[epoch.Range], new CoveredRange(epoch, null, long.MaxValue, now, 0, IsFirst: false));
        }
    }

    /// <summary>
    /// Ends the coverage of a partition, because a result of one of its users comes from another partition. Call this before the result is returned.
    /// Has no effect if the other one was that of a range before, so that this one has taken its place.
    /// </summary>
    public void End(LogPartition followed, LogPartition other)
    {
        var ends = true;
        OnEnding(ref ends);
        lock (_gate)
        {
            if (ends && !_named.Contains(other) && other.Log >= followed.Log && !followed.Replaces(other) && !_ended.Contains(followed))
                Volatile.Write(ref _ended, [.. _ended, followed]);
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

            var known = _ranges[range];
            if (known is { Partition: null } && sentAt <= known.Since)
                return;

            // The end can come from a replica that lags behind one that has returned a result.
            var partition = end.Partition!;
            lsns.Add(partition);
            var reached = Math.Max(end.Lsn, lsns.HighestOf(partition));
            var continues = known is not null && ReferenceEquals(known.Epoch, epoch) && known.Partition == partition && IsOpen(known, range);
            var from = known is null ? RestoreOr_NeedsLock(reached, epoch, end) : reached;
            OnCovering(end, ref from);
            Volatile.Write(
                ref _ranges[range],
                continues
                    ? known! with { SeenLsn = Math.Max(known!.SeenLsn, end.Lsn) }
                    : new CoveredRange(epoch, partition, from, sentAt, end.Lsn, lsns.IsFirst(partition, Followed_NeedsLock())));
            _prepared[range] = null;

            foreach (var (hash, closed) in _closed)
            {
                if (closed.At >= sentAt || closed.Lsn > reached || freshness.PartitionOf(closed.PartitionKey) != partition)
                    continue;

                // First, so that no state below it is ever accepted in between.
                lsns.Raise(new LogPosition(partition, reached), hash);
                _closed.Remove(hash);
            }

            Volatile.Write(ref _closedKeys, _closed.Count);
        }
    }

    /// <summary>Closes a user, because its latest result or change cannot be compared. Call this before the result is returned or the user is evicted.</summary>
    /// <param name="hash">The hash of the user's key.</param>
    /// <param name="partitionKey">The partition key value of the user.</param>
    /// <param name="lsn">
    /// The LSN of the change, if only its partition is not known. It is usually the one in which the range is followed, so the user stays closed
    /// at least until that LSN. It is not raised: if it belongs to another partition, this one may never reach it.
    /// </param>
    public void Close(ulong hash, string partitionKey, long lsn = 0)
    {
        var now = freshness.Clock.Now;
        lock (_gate)
        {
            var isClosed = _closed.TryGetValue(hash, out var closed);
            if (_closed.Count == MaxClosed && !isClosed)
                CloseAll_NeedsLock(now);
            else
                _closed[hash] = new ClosedKey(partitionKey, now, Math.Max(lsn, closed.Lsn));
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
    public (long CoveredFrom, long SeenLsn)? Of(int range) => CoveredNow(range) is { Partition: not null } covered ? (covered.From, covered.SeenLsn) : null;

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

        // Before the coverage: closing all users forgets single ones, after it has ended the coverage.
        var gaps = Volatile.Read(ref _closedKeys) > 0 && IsClosed(hash) ? CoverageGaps.Closed : CoverageGaps.None;
        if (!epoch.IsArmed)
            gaps |= CoverageGaps.NotArmed;
        if (freshness.PartitionOf(partitionKey) != state.Partition || !state.IsKnown)
            gaps |= CoverageGaps.OtherPartition;

        var covered = Volatile.Read(ref ranges[range]);
        if (covered is null || !ReferenceEquals(covered.Epoch, epochs[range]))
            gaps |= CoverageGaps.NotArmed;
        else if (covered.Partition != state.Partition || state.Lsn < covered.From || !IsOpen(covered, range))
            gaps |= CoverageGaps.NotCovered;

        // Last: a user that is no longer closed has raised its LSN before.
        return lsns.IsBehind(state, hash) || !lsns.Contains(state.Partition) ? gaps | CoverageGaps.Behind : gaps;
    }

    /// <summary>Returns the coverage of a range, or <see langword="null"/> if there is none in the current epoch.</summary>
    private CoveredRange? CoveredNow(int range)
    {
        var ranges = Volatile.Read(ref _ranges);
        return range < ranges.Length && Volatile.Read(ref ranges[range]) is { } covered && freshness.Current.Contains(covered.Epoch) ? covered : null;
    }

    private bool IsClosed(ulong hash)
    {
        lock (_gate)
            return _closed.ContainsKey(hash);
    }

    /// <summary>
    /// Determines whether no result can be newer than a coverage without being known: it began with a poll that was sent after the partition
    /// became that of the range, or no other partition had returned a user of the range by then; and none has since.
    /// </summary>
    private bool IsOpen(CoveredRange covered, int range)
    {
        var namedAt = Volatile.Read(ref _namedAt);
        return covered.Since > Volatile.Read(ref _allClosedAt)
            && range < namedAt.Length
            && (covered.IsFirst || covered.Since > Volatile.Read(ref namedAt[range]))
            && !Volatile.Read(ref _ended).Contains(covered.Partition);
    }

    private void CloseAll_NeedsLock(long now)
    {
        Volatile.Write(ref _allClosedAt, Math.Max(_allClosedAt, now));
        _closed.Clear();
        Volatile.Write(ref _closedKeys, 0);
    }

    /// <summary>The coverage of a range in one epoch and one partition.</summary>
    /// <param name="Epoch">The epoch.</param>
    /// <param name="Partition">The partition, or <see langword="null"/> if nothing is covered because of a page without a position.</param>
    /// <param name="From">The LSN at which it began.</param>
    /// <param name="Since">The time at which the poll was sent with whose end it began, or at which that page was applied.</param>
    /// <param name="SeenLsn">The LSN of the last end.</param>
    /// <param name="IsFirst">A value that indicates whether no other partition had returned a user of the range before.</param>
    private sealed record CoveredRange(FeedEpoch Epoch, LogPartition? Partition, long From, long Since, long SeenLsn, bool IsFirst);

    private readonly record struct ClosedKey(string PartitionKey, long At, long Lsn);

    // Hooks for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnCovering(LogPosition end, ref long from);

    partial void OnEnding(ref bool ends);
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
