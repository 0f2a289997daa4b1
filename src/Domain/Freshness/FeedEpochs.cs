namespace Lookup.Domain.Freshness;

/// <summary>The current epochs: one for each feed range, and one for all ranges together. Immutable; replaced as a whole.</summary>
/// <remarks>
/// The epoch of all ranges is armed while every range is armed, is confirmed as of the earliest confirmation of a range, and ends when any
/// range's epoch ends. It covers results that depend on every range, which are those of queries by alternate key. Without a partitioner,
/// it covers users as well.
/// </remarks>
internal sealed class FeedEpochs(IFeedPartitioner? partitioner, FeedEpoch[] ranges, FeedEpoch all)
{
    /// <summary>The epochs of an instance whose feed has not been started.</summary>
    public static FeedEpochs None => new(null, [], new FeedEpoch(1, FeedEpoch.AllRanges, new RangeAccount(FreshnessTracker.DefaultMaxStaleness)));

    public IFeedPartitioner? Partitioner { get; } = partitioner;

    /// <summary>Gets the epoch of all ranges together.</summary>
    public FeedEpoch All { get; } = all;

    public int Count => ranges.Length;

    /// <summary>Gets the epoch of the feed range with an index.</summary>
    public FeedEpoch this[int range] => ranges[range];

    /// <summary>Returns the epoch that confirms the users with a partition key value.</summary>
    public FeedEpoch Of(string partitionKey) => Partitioner is null ? All : ranges[Partitioner.RangeOf(partitionKey)];

    /// <summary>Determines whether an epoch is current.</summary>
    public bool Contains(FeedEpoch epoch) =>
        epoch.Range == FeedEpoch.AllRanges ? ReferenceEquals(epoch, All) : epoch.Range < ranges.Length && ReferenceEquals(epoch, ranges[epoch.Range]);

    /// <summary>Creates the epochs that follow if one range's epoch ends. The epochs of the other ranges continue.</summary>
    public FeedEpochs With(FeedEpoch begun, FeedEpoch all)
    {
        FeedEpoch[] next = [.. ranges];
        next[begun.Range] = begun;
        return new FeedEpochs(Partitioner, next, all);
    }

    /// <summary>Confirms the epoch of all ranges as of the earliest confirmation of a range.</summary>
    /// <returns><see langword="true"/> if it was armed by this; otherwise, <see langword="false"/>.</returns>
    public bool ConfirmAll_NeedsLock()
    {
        var earliest = long.MaxValue;
        foreach (var epoch in ranges)
            earliest = Math.Min(earliest, epoch.ConfirmedAt);
        return earliest != FeedEpoch.Never && All.Confirm_NeedsLock(earliest, ranges.SelectMany(epoch => epoch.CoveredFrom));
    }

    /// <summary>Ends all epochs.</summary>
    public void End_NeedsLock()
    {
        All.End_NeedsLock();
        foreach (var epoch in ranges)
            epoch.End_NeedsLock();
    }
}
