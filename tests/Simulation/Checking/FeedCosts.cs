using Lookup.Domain.Feed;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Checking;

/// <summary>The check of what one instance spends on lookups and polls against what the same lookups would cost without the feed (G7).</summary>
/// <remarks>
/// Without the feed, a user is read again when it is requested after the staleness bound. The check applies to runs in which nothing else causes
/// or prevents a read: no directives, failures, evictions by others, time to live or queries.
/// </remarks>
internal sealed class FeedCosts(Plan plan)
{
    private readonly Dictionary<int, long> _readAt = [];
    private double _withoutFeed;
    private double _polls;

    public bool Applies { get; } = plan is
    {
        Follows: true,
        Follower.Polling: FeedPolling.Adaptive,
        Directives: 0,
        Cancels: 0,
        Finds: 0,
        ReadErrors: 0,
        ReadStalls: 0,
        SessionGaps: 0,
        Administration: 0,
        Triggers: 0,
        TimesToLive: 0,
        Restarts: 0,
        Budget: { EntryBytes: >= 1 << 20, Flights: 64 },
    };

    public void AddPage(double charge) => _polls += charge;

    /// <summary>Records a lookup.</summary>
    /// <param name="users">The users.</param>
    /// <param name="now">The instance's own time.</param>
    public void AddLookup(int[] users, long now)
    {
        foreach (var user in users)
        {
            if (_readAt.TryGetValue(user, out var last) && now - last <= plan.Cache.MaxStaleness.Ticks)
                continue;

            _withoutFeed++;
            _readAt[user] = now;
        }
    }

    /// <summary>Returns the violation, or <see langword="null"/> if there is none.</summary>
    /// <param name="reads">The charge of all reads.</param>
    /// <param name="now">The instance's own time.</param>
    public Violation? Check(double reads, long now)
    {
        var granted = plan.Follower.Allowance * ((double)now / TimeSpan.TicksPerSecond + Math.Max(5, plan.Follower.PollInterval.TotalSeconds));

        // Requests in progress at the same time share a read or not, and the last polls may cost more than was expected.
        var limit = (1.1 * _withoutFeed) + granted + (4 * plan.Ranges) + plan.Users;
        return !Applies || reads + _polls <= limit
            ? null
            : new Violation(
                Guarantee.G7FeedPaysForItself,
                $"Reads cost {reads:0.#} and polls {_polls:0.#}; without the feed, the lookups would cost {_withoutFeed:0.#}, and the allowance is {granted:0.#}.");
    }
}
