namespace Lookup.Domain.Feed;

/// <summary>Specifies when the feed ranges are polled.</summary>
public enum FeedPolling
{
    /// <summary>
    /// A range is polled as often as the reads that this saves pay for, and within <see cref="FollowerOptions.Allowance"/>. At most every
    /// <see cref="FollowerOptions.PollInterval"/>.
    /// </summary>
    Adaptive,

    /// <summary>Every range is polled every <see cref="FollowerOptions.PollInterval"/> while there are lookups, whatever that costs.</summary>
    Steady,
}
