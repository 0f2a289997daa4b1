namespace Lookup.Domain.Feed;

/// <summary>The state of following one feed range.</summary>
/// <param name="Range">The name of the feed range.</param>
/// <param name="Lag">The time since it was last polled to its end, or <see langword="null"/> if it has not been in this epoch.</param>
public readonly record struct FeedRangeState(string Range, TimeSpan? Lag)
{
    /// <summary>
    /// Gets the interval of polls that no request waits for, or <see langword="null"/> if there are none, because they would cost more than they
    /// save. The range is then polled for requests that need it, if a poll is cheaper than their reads.
    /// </summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Gets a value that indicates whether the last poll of the range failed.</summary>
    public bool HasFailed { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the range is not polled on purpose, and therefore need not be up to date: there is no
    /// <see cref="Interval"/>, and the last poll did not fail.
    /// </summary>
    public bool IsNotFollowed => Interval is null && !HasFailed;

    /// <summary>Gets the cost of all polls of the range, in request units.</summary>
    public double PollCharge { get; init; }

    /// <summary>
    /// Gets the cost of the reads that the feed has saved, in request units. What all ranges have saved together, which are queries by alternate
    /// key and, if it is not known which range contains a user, all reads, is divided evenly.
    /// </summary>
    public double SavedCharge { get; init; }
}
