using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching.Flights;

// The end of a flight: which results are behind, which are stored, and what they raise.
internal sealed partial class FlightTable
{
    /// <summary>Completes the flight of a user with the result of a point read, which is stored in the cache if the flight is still attached.</summary>
    /// <returns>
    /// <see langword="false"/> if the result comes from a replica that lags behind what this instance knows. The user must then be read again.
    /// </returns>
    public bool TryComplete(Flight flight, in StoreRead read) => read.Partition is { } partition
        ? TryComplete(flight, read, [new LogSpan(partition, read.Lsn, read.Lsn)])
        : TryComplete(flight, read, []);

    /// <summary>Completes a flight with a result, which is stored in the cache if the flight is still attached.</summary>
    /// <param name="flight">The flight.</param>
    /// <param name="read">The result.</param>
    /// <param name="positions">
    /// The positions of the result: one for a user whose partition is known. If there are several, all of them apply, because it is not known
    /// which one is that of the user, or because a query reads all partitions.
    /// </param>
    /// <returns>
    /// <see langword="false"/> if the result comes from a replica that lags behind what this instance knows. It must then be read again.
    /// </returns>
    public bool TryComplete(Flight flight, in StoreRead read, ReadOnlySpan<LogSpan> positions)
    {
        var isRevalidated = read.Status == StoreReadStatus.NotModified;
        var isUser = flight.Target.Alternate is null;
        var document = isRevalidated ? flight.Held!.Document : read.Document;
        var asOf = positions is [var only] && isUser ? only.Lowest : default;
        if (isRevalidated)
            asOf = asOf.OrLater(flight.Held!.AsOf);
        var lsn = isRevalidated ? ConfirmedLsn(flight, read) : document?.Lsn ?? 0;
        var stamp = EntryStamp.ForRead(flight.SentAt, EpochOf(flight, asOf, positions), asOf);
        var entry = isUser ? CacheEntries.ForUser(document, lsn, stamp) : CacheEntries.ForHint(flight.Found, stamp);

        var (isStored, isRejected) = (false, false);
        var version = positions is [var single] ? single.VersionAt(lsn) : default;
        var hash = LsnSketches.HashOf(flight.Target.CacheKey);
        var stripe = StripeOf(hash);
        lock (stripe.Gate)
        {
            if (IsBehind_NeedsLock(flight, hash, positions))
            {
                _counters.BehindReads.Increment();
                return false;
            }

            var isNews = isUser && Raise_NeedsLock(hash, version, positions);
            if (isUser)
                CloseUnlessFollowed_NeedsLock(flight, hash, positions);
            var stores = flight.IsAttached;
            OnCompleting(stripe, flight, ref stores);
            if (stores)
            {
                RemoveFlight_NeedsLock(stripe, flight);
                if (entry.HasEnded(_freshness.Clock.Now))
                {
                    _memory.Remove(flight.Target.CacheKey); // another response may have reported already that there is no such user
                }
                else
                {
                    isStored = _memory.Put(flight.Target.CacheKey, entry);
                    isRejected = !isStored;
                }
            }
            else if (isUser)
            {
                RemoveOlderThan_NeedsLock(stripe, flight, document, version, isNews);
            }
        }

        if (isStored)
        {
            _freshness.NoteStored();
            if (isUser)
                _tier?.Write(flight.Target.User, entry.Document, version, asOf, flight.SentAt);
        }
        else if (isRejected && _memory.IsTooLarge(flight.Target.CacheKey, entry, out var size, out var limit))
        {
            NoteTooLarge(size, limit);
        }

        var duration = TimeSpan.FromTicks(Math.Max(0, _freshness.Clock.Now - flight.SentAt));
        flight.Complete(new CompletedRead(entry, isStored, isRevalidated, duration));
        return true;
    }

    /// <summary>
    /// Determines whether a result comes from a replica that lags behind what this instance knows. A result whose position is not known is
    /// trusted; then only the session of the client protects.
    /// </summary>
    private bool IsBehind_NeedsLock(Flight flight, ulong hash, ReadOnlySpan<LogSpan> positions)
    {
        foreach (var position in positions)
        {
            // The requests of a detached flight began before the change that detached it, and need not get it.
            var isBehind = flight.KnownBefore.Partition == position.Partition
                ? position.From < flight.KnownBefore.Lsn
                : _lsns.IsBehind(position.Lowest, hash);
            if (isBehind || (flight.OvertakenIn is { } partition && partition != position.Partition))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Raises the known LSN to that of a version before any request receives the version. It stays raised: the feed may never show this version.
    /// </summary>
    /// <param name="hash">The hash of the key.</param>
    /// <param name="version">
    /// The position at which the version was written or, if that is not known or there is no user, the highest one that it may have. Nothing if
    /// it is not known which of the positions is that of the user.
    /// </param>
    /// <param name="positions">The positions of the result.</param>
    /// <returns><see langword="true"/> if the version may be newer than what was known; otherwise, <see langword="false"/>.</returns>
    private bool Raise_NeedsLock(ulong hash, LogPosition version, ReadOnlySpan<LogSpan> positions)
    {
        var raises = true;
        OnAnswering(ref raises);
        if (!raises)
            return true;
        if (version.Partition is not null)
            return _lsns.Raise(version, hash) < version.Lsn;

        foreach (var position in positions)
            _lsns.Raise(position.Highest, hash);
        return true;
    }

    private void NoteTooLarge(long size, long limit)
    {
        _counters.TooLarge.Increment();
        ResultTooLarge?.Invoke(size, limit);
    }

    /// <summary>
    /// Returns the epoch that covers a result: the one that was armed when the read was sent, unless the replica lagged behind the position at
    /// which following began. The session of the client prevents that, but the client can lose it.
    /// </summary>
    private FeedEpoch? EpochOf(Flight flight, LogPosition asOf, ReadOnlySpan<LogSpan> positions)
    {
        if (flight.Epoch is not { } epoch)
            return null;

        // A 304 can come from a replica behind the one that was read first. The version still reflects the position of that first read.
        var covers = true;
        if (asOf.Partition is not null)
        {
            covers = epoch.Covers(asOf);
        }
        else
        {
            foreach (var position in positions)
                covers &= epoch.Covers(position.Lowest);
        }

        OnCovering(ref covers);
        return covers ? epoch : null;
    }

    /// <summary>
    /// Returns the LSN of a version that a 304 confirmed, or 0 if it is not known. An LSN from another partition is not used.
    /// </summary>
    private static long ConfirmedLsn(Flight flight, in StoreRead read) =>
        read.ConfirmedLsn == 0 && flight.Held!.AsOf.Partition == read.Partition ? flight.Held.Document?.Lsn ?? 0 : read.ConfirmedLsn;
}
