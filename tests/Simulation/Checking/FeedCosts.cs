using Lookup.Domain.Feed;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Checking;

/// <summary>The check of what one instance spends on lookups and polls against what the same lookups would cost without the feed (G7).</summary>
/// <remarks>
/// Without the feed, a user or hint is read again when it is requested after the staleness bound. The check applies to runs in which nothing else
/// causes or prevents a read: no directives, failures, evictions by others, time to live or, if there are searches, users that a hint lists although
/// they no longer match.
/// <para>
/// What the lookups of one range may cost does not depend on the other ranges, unless there are searches: they pay for polls of any range and for
/// the reads of the users that these evict, and polls of any range pay for the queries of the hints that they evict.
/// </para>
/// </remarks>
internal sealed class FeedCosts(Plan plan)
{
    /// <summary>The charge of a query by alternate key; all others are 1.</summary>
    public const double QueryCharge = 3;

    private readonly Dictionary<int, long> _readAt = []; // by user, or −1 − the number of the alternate key

    // By range; the last element is that of searches.
    private readonly double[] _withoutFeed = new double[plan.Ranges + 1];
    private readonly double[] _reads = new double[plan.Ranges + 1];
    private readonly double[] _polls = new double[plan.Ranges + 1];

    public bool Applies { get; } = plan is
    {
        Follows: true,
        Follower.Polling: FeedPolling.Adaptive,
        Directives: 0,
        Cancels: 0,
        ReadErrors: 0,
        ReadStalls: 0,
        SessionGaps: 0,
        Administration: 0,
        Triggers: 0,
        TimesToLive: 0,
        Restarts: 0,
        Budget: { EntryBytes: >= 1 << 20, Flights: 64 },
    }
        and ({ Finds: 0 } or { Moves: 0, Deletes: 0, Populated: 1, ReplicaLag: 0 });

    /// <summary>Records a page of the feed.</summary>
    /// <param name="user">The first user of the range or of its part.</param>
    public void AddPage(int user) => _polls[RangeOf(user)] += plan.PageCharge;

    /// <summary>Records a read of a user, or of a hint: −1 − the number of the alternate key.</summary>
    public void AddRead(int key) => _reads[RangeOf(key)] += ChargeOf(key);

    /// <summary>Records a lookup of users, or of hints.</summary>
    /// <param name="keys">The users, or −1 − the number of the alternate key.</param>
    /// <param name="now">The instance's own time.</param>
    public void AddLookup(IEnumerable<int> keys, long now)
    {
        foreach (var key in keys)
        {
            if (_readAt.TryGetValue(key, out var last) && now - last <= plan.Cache.MaxStaleness.Ticks)
                continue;

            _withoutFeed[RangeOf(key)] += ChargeOf(key);
            _readAt[key] = now;
        }
    }

    /// <summary>Records that a lookup failed, so that it must be repeated without the feed, too.</summary>
    public void Forget(IEnumerable<int> keys)
    {
        foreach (var key in keys)
            _readAt.Remove(key);
    }

    /// <summary>Returns the violation, or <see langword="null"/> if there is none.</summary>
    /// <param name="now">The instance's own time.</param>
    public Violation? Check(long now)
    {
        if (!Applies)
            return null;

        // Without a partitioner, all lookups pay for all polls.
        var excess = plan is { IsPartitioned: true, Finds: 0 } ? SumOf(range => Math.Max(0, ExcessOf(range))) : SumOf(ExcessOf);
        var granted = plan.Follower.Allowance * ((double)now / TimeSpan.TicksPerSecond + Math.Max(5, plan.Follower.PollInterval.TotalSeconds));

        // The first poll of each range may cost more than was expected, because the price is not known yet, and so may the last one because of
        // changes: up to four times the price of a start, after which it has evicted all users. Meanwhile, the hints can be read after each page.
        var tolerance = plan.Writes > 0 ? (9 * plan.PageCharge * plan.Ranges) + plan.Users : (2 * plan.PageCharge * plan.Ranges) + 2;
        tolerance += plan is { Writes: > 0, Finds: > 0 } ? 4 * QueryCharge * plan.Alternates * plan.Ranges : 0;
        return excess <= granted + tolerance
            ? null
            : new Violation(
                Guarantee.G7FeedPaysForItself,
                $"Reads cost {_reads.Sum():0.#} and polls {_polls.Sum():0.#}; without the feed, the lookups would cost {_withoutFeed.Sum():0.#}. They exceed their limit by {excess:0.#}, and the allowance is {granted:0.#}.");

        double SumOf(Func<int, double> of) => Enumerable.Range(0, plan.Ranges + 1).Sum(of);
    }

    /// <summary>Returns by how much reads and polls exceed their limit; if negative, how much is left.</summary>
    private double ExcessOf(int range) => _reads[range] + _polls[range] - (1.1 * _withoutFeed[range]);

    private static double ChargeOf(int key) => key < 0 ? QueryCharge : 1;

    private int RangeOf(int key)
    {
        if (key < 0)
            return plan.Ranges;

        var range = 0;
        while (key >= (range + 1) * plan.Users / plan.Ranges)
            range++;
        return range;
    }
}
