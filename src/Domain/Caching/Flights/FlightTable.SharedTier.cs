using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

// The shared tier: which of its entries end a flight, and what closes a user to it.
internal sealed partial class FlightTable
{
    private readonly TierClient? _tier;
    private readonly FeedCoverage? _coverage;

    /// <summary>
    /// Completes the flight of a user with the read of another instance, if nothing that this instance was shown or has returned is newer.
    /// </summary>
    /// <remarks>
    /// The check is here, where the flight ends, because a change can arrive while the tier is read:
    /// <code>
    /// reader                              feed                             if checked when the tier was asked
    /// attach flight, ask the tier:
    ///   version 1, nothing is newer
    ///                                     Evict for version 2: raise
    ///                                     the LSN, detach
    /// the tier responds: refused                                           version 1 is returned after version 2 was shown
    /// </code>
    /// A flight that was detached reads from the store: its key has changed, and what replaced the flight must not be older.
    /// </remarks>
    /// <returns><see langword="false"/> if the entry must not be used. The user must then be read from the store.</returns>
    public bool TryComplete(Flight flight, TierCandidate candidate)
    {
        var shared = candidate.Entry;
        var hash = LsnSketches.HashOf(flight.Target.CacheKey);
        var stripe = StripeOf(hash);
        StampedEntry entry;
        TierCheck check;
        bool isStored;
        long freshAsOf;
        lock (stripe.Gate)
        {
            var gaps = _coverage!.Check(flight.Target.User.PartitionKey, hash, candidate.State, out var epoch);
            var isAttached = flight.IsAttached;
            OnAccepting(flight, candidate, ref gaps, ref epoch, ref isAttached);
            var now = _freshness.Clock.Now;
            var inTime = _tier!.TryConvert(shared, now, out var existedAt, out var timeToLive)
                && (shared.Document is null || now - existedAt <= _maxUnseenDelete);
            OnAging(shared, now, ref existedAt, ref timeToLive, ref inTime);
            check = new TierCheck(gaps, inTime, isAttached);
            if (!check.IsAccepted)
            {
                _tier.Count(shared, check);
                return false;
            }

            // The instance's own object for the partition, instead of one for each entry.
            var asOf = candidate.State with { Partition = _freshness.PartitionOf(flight.Target.User.PartitionKey) ?? candidate.State.Partition };

            // "No such user" also has the LSN of a version: the highest one at which the user may have been deleted.
            var version = asOf with { Lsn = Math.Max(shared.VersionLsn, shared.Document is null ? shared.AsOfLsn : 0) };
            var raises = true;
            OnAccepted(version, hash, ref raises);
            if (raises)
                _lsns.Raise(version, hash);

            var stamp = EntryStamp.ForTier(existedAt, now, epoch, asOf);
            OnStamping(ref stamp, now);
            entry = CacheEntries.ForUser(shared.Document?.WithTimeToLive(timeToLive), shared.VersionLsn, stamp);
            RemoveFlight_NeedsLock(stripe, flight);
            isStored = _memory.Put(flight.Target.CacheKey, entry);
            freshAsOf = entry.FreshAsOf;
        }

        _tier.Count(shared, check);
        if (isStored)
            _freshness.NoteStored();
        else if (_memory.IsTooLarge(flight.Target.CacheKey, entry, out var size, out var limit))
            NoteTooLarge(size, limit);
        flight.Complete(new CompletedRead(entry, isStored, IsRevalidated: false, TimeSpan.Zero) { IsFromTier = true, FreshAsOf = freshAsOf });
        return true;
    }

    /// <summary>
    /// Closes a user to the tier because of a change whose position is not known. Call this before <see cref="Evict"/>, so that an entry of the tier
    /// that is accepted meanwhile is evicted.
    /// </summary>
    /// <remarks>
    /// A trigger does not name the partition of its changes. It need not be the one that the range is followed in, so raising the LSN in that one
    /// would not be enough:
    /// <code>
    /// trigger                                feed                                tier
    ///                                        follows the parent of a split,
    ///                                        at LSN 50
    /// version 2 at LSN 3 of the child:
    ///   raises 3 in the parent, where
    ///   the user is known at LSN 40
    ///                                                                            version 1 at LSN 45 of the parent: accepted
    /// </code>
    /// </remarks>
    public void Close(in UserKey user, long lsn)
    {
        var closes = _coverage is not null;
        OnClosingChange(lsn, ref closes);
        if (closes)
            _coverage!.Close(LsnSketches.HashOf(user.CacheKey), user.PartitionKey, lsn);
    }

    /// <summary>
    /// Closes a user to the tier if its result, which is about to be returned, cannot be compared with the entries of the tier: it has no
    /// position, or one in another partition than the range is followed in.
    /// </summary>
    /// <remarks>
    /// It runs after the LSN was raised. If the range has no partition, the one that it gets is compared with those of all LSNs
    /// (<see cref="FeedCoverage"/>).
    /// </remarks>
    private void CloseUnlessFollowed_NeedsLock(Flight flight, ulong hash, ReadOnlySpan<LogSpan> positions)
    {
        if (_coverage is null)
            return;

        var partitionKey = flight.Target.User.PartitionKey;
        var followed = _freshness.PartitionOf(partitionKey);
        var isComparable = positions.Length > 0 && followed is null;
        foreach (var position in positions)
            isComparable |= position.Partition == followed && position.To > 0;

        OnClosingResult(ref isComparable);
        if (isComparable)
            return;

        _coverage.Close(hash, partitionKey);
        if (followed is null)
            return;
        foreach (var position in positions)
            _coverage.End(followed, position.Partition);
    }

    // Hooks for the mutants of the simulation, as in FlightTable.Hooks.cs.
    partial void OnAccepting(Flight flight, TierCandidate candidate, ref CoverageGaps gaps, ref FeedEpoch epoch, ref bool isAttached);

    partial void OnAttached(Flight flight, ulong hash);

    partial void OnAging(SharedEntry entry, long now, ref long existedAt, ref TimeSpan? timeToLive, ref bool inTime);

    partial void OnAccepted(LogPosition version, ulong hash, ref bool raises);

    partial void OnStamping(ref EntryStamp stamp, long now);

    partial void OnClosingResult(ref bool isComparable);

    partial void OnClosingChange(long lsn, ref bool closes);
}
