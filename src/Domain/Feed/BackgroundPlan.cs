using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The intervals at which the feed ranges are polled without a request that needs it. Immutable.</summary>
internal sealed class BackgroundPlan
{
    /// <summary>The share of what the feed saves that polls in the background may cost.</summary>
    private const double Share = 0.25;

    /// <summary>The maximum time between polls in the background, as a share of the staleness bound. Less frequent ones confirm nothing in time.</summary>
    private const double MaxInterval = 0.8;

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

    /// <summary>Creates the plan for what lookups cost and save at present.</summary>
    public static BackgroundPlan Create(FeedEpochs epochs, PolledRange[] ranges, FollowerOptions options, long maxStaleness, long now)
    {
        var interval = options.PollInterval;
        var candidates = new List<Candidate>(ranges.Length + 1)
        {
            CandidateOf(FeedEpoch.AllRanges, epochs.All.Account, ranges.Sum(range => range.PriceAfter(interval))),
        };
        for (var i = 0; epochs.Partitioner is not null && i < Math.Min(ranges.Length, epochs.Count); i++)
            candidates.Add(CandidateOf(i, epochs[i].Account, ranges[i].PriceAfter(interval)));
        var longest = Math.Max((long)(MaxInterval * maxStaleness), Math.Min(interval.Ticks, maxStaleness));
        return Create(candidates, ranges.Length, options.Allowance, interval.Ticks, longest, now);

        Candidate CandidateOf(int index, RangeAccount account, double price)
        {
            var demand = account.IsRequested(now, options.IdleAfter) ? account.DemandPerSecond(now) : 0;
            return new Candidate(index, price, Share * account.SavedPerSecond(now), demand);
        }
    }

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
