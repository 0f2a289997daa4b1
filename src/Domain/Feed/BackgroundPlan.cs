using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The intervals at which the feed ranges are polled without a request that needs it. Immutable.</summary>
internal sealed class BackgroundPlan
{
    private readonly long[] _intervals;
    private readonly bool[] _isForHints;

    private BackgroundPlan(long at, long[] intervals, bool[] isForHints)
    {
        At = at;
        _intervals = intervals;
        _isForHints = isForHints;
    }

    /// <summary>Gets the time of the plan.</summary>
    public long At { get; }

    /// <summary>Gets the number of ranges.</summary>
    public int Count => _intervals.Length;

    /// <summary>Returns the interval of a range in ticks, or <see cref="long.MaxValue"/> if it is polled on demand only.</summary>
    public long IntervalOf(int index) => _intervals[index];

    /// <summary>Determines whether the interval of a range follows from what all ranges together save, not from what it saves itself.</summary>
    public bool IsForHints(int index) => _isForHints[index];

    /// <summary>
    /// Divides the allowance among the ranges in the order of their demand. An interval is the price of a poll divided by what may be spent per
    /// second.
    /// </summary>
    /// <param name="candidates">The ranges, and all ranges together.</param>
    /// <param name="ranges">The number of ranges.</param>
    /// <param name="allowance">The allowance, in request units per second.</param>
    /// <param name="shortest">The shortest interval, in ticks.</param>
    /// <param name="longest">The longest interval that is of use, in ticks.</param>
    /// <param name="now">The current time.</param>
    public static BackgroundPlan Create(
        IEnumerable<Candidate> candidates, int ranges, double allowance, long shortest, long longest, long now)
    {
        var intervals = new long[ranges];
        Array.Fill(intervals, long.MaxValue);
        var isForHints = new bool[ranges];
        foreach (var candidate in candidates.Where(each => each.Demand > 0).OrderByDescending(each => each.Demand))
        {
            var needed = Math.Max(0, PerSecond(candidate.Price, shortest) - candidate.Budget);
            var granted = Math.Min(needed, allowance);
            var spent = candidate.Budget + granted;
            var interval = spent <= 0 ? long.MaxValue : Math.Max(shortest, (long)Math.Min(candidate.Price / spent * TimeSpan.TicksPerSecond, long.MaxValue / 2));
            if (interval > longest)
                continue;

            allowance -= granted;
            var isAll = candidate.Index == FeedEpoch.AllRanges;
            for (var i = isAll ? 0 : candidate.Index; i < (isAll ? ranges : candidate.Index + 1); i++)
            {
                if (interval < intervals[i])
                    (intervals[i], isForHints[i]) = (interval, isAll);
            }
        }

        return new BackgroundPlan(now, intervals, isForHints);
    }

    private static double PerSecond(double price, long ticks) => price * TimeSpan.TicksPerSecond / ticks;

    /// <summary>A range, or all ranges together.</summary>
    /// <param name="Index">The index of the range, or <see cref="FeedEpoch.AllRanges"/>.</param>
    /// <param name="Price">The price of a poll, in request units.</param>
    /// <param name="Budget">What background polls may cost of what the feed saves, in request units per second.</param>
    /// <param name="Demand">What lookups would cost without the feed, in request units per second.</param>
    public readonly record struct Candidate(int Index, double Price, double Budget, double Demand);
}
