using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Caching.Flights;

internal sealed partial class FlightTable
{
    private readonly Dictionary<Flight, long> _knownAtStart = [];
    private readonly Dictionary<(LogPartition?, ulong), long> _accepted = [];

    partial void OnAttached(Flight flight, ulong hash)
    {
        if (LeftOut == Rule.TierCheckedAtStart && flight.AsksTier)
            _knownAtStart[flight] = _lsns.Get(_freshness.PartitionOf(flight.Target.User.PartitionKey), hash);
    }

    partial void OnAccepting(Flight flight, TierCandidate candidate, ref CoverageGaps gaps, ref FeedEpoch epoch, ref bool isAttached)
    {
        var hash = LsnSketches.HashOf(flight.Target.CacheKey);
        switch (LeftOut)
        {
            case Rule.TierIgnoresLsns:
                gaps &= ~CoverageGaps.Behind;
                break;
            case Rule.TierIgnoresCoverage:
                gaps &= ~CoverageGaps.NotCovered;
                break;
            case Rule.TierBindsNoReads:
                gaps |= candidate.State.Lsn < _accepted.GetValueOrDefault((candidate.State.Partition, hash)) ? CoverageGaps.Behind : CoverageGaps.None;
                break;
            case Rule.TierCheckedAtStart:
                isAttached = true;
                gaps &= ~CoverageGaps.Behind;
                gaps |= candidate.State.Lsn < _knownAtStart.GetValueOrDefault(flight) ? CoverageGaps.Behind : CoverageGaps.None;
                break;
        }
    }

    partial void OnAging(SharedEntry entry, long now, ref long existedAt, ref TimeSpan? timeToLive, ref bool inTime)
    {
        if (LeftOut == Rule.TierIgnoresTimeToLive)
        {
            timeToLive = null;
            inTime = entry.Document is null || now - existedAt <= _maxUnseenDelete;
        }
        else if (LeftOut == Rule.TierIgnoresUnseenDeletes)
        {
            timeToLive += TimeSpan.FromTicks(existedAt - now);
            existedAt = now;
            inTime = timeToLive is null || timeToLive > TimeSpan.Zero;
        }
    }

    partial void OnAccepted(LogPosition version, ulong hash, ref bool raises)
    {
        raises &= LeftOut is not (Rule.TierRaisesNothing or Rule.TierBindsNoReads);
        if (LeftOut == Rule.TierBindsNoReads)
            _accepted[(version.Partition, hash)] = Math.Max(version.Lsn, _accepted.GetValueOrDefault((version.Partition, hash)));
    }

    partial void OnStamping(ref EntryStamp stamp, long now)
    {
        if (LeftOut == Rule.TierCountsAsRead)
            stamp = EntryStamp.ForRead(now, stamp.Epoch, stamp.AsOf);
    }

    partial void OnClosingResult(ref bool isComparable) => isComparable |= LeftOut == Rule.TierOpenAfterUnknown;

    partial void OnClosingChange(long lsn, ref bool closes) =>
        closes &= LeftOut != (lsn > 0 ? Rule.TierOpenAfterTrigger : Rule.TierOpenAfterAdministrator);

    partial void OnRaising(Stripe stripe, LogPosition change, ulong hash, ref bool raises)
    {
        if (LeftOut != Rule.TierRaisedAfterDetach)
            return;

        raises = false;
        _ = RaiseLaterAsync(stripe, change, hash);
    }

    private async Task RaiseLaterAsync(Stripe stripe, LogPosition change, ulong hash)
    {
        await Task.Yield();
        lock (stripe.Gate)
            _lsns.Raise(change, hash);
    }
}
