using Lookup.Domain.Feed;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Runs;

// Runs in which the instances share a tier.
internal sealed partial class Plan
{
    /// <summary>Gets the shared tier, or <see langword="null"/> if there is none.</summary>
    public TierPlan? Tier { get; private set; }

    /// <summary>Draws the parameters of a run.</summary>
    /// <param name="random">The source of the parameters.</param>
    /// <param name="tierShare">The share of the runs with a shared tier. It has no effect on the others.</param>
    public static Plan Draw(SimRandom random, double tierShare)
    {
        var plan = new Plan(random);
        if (!plan._checksCosts && random.Chance(tierShare))
            plan.DrawTier(random);
        return plan;
    }

    private void DrawTier(SimRandom random)
    {
        bool Sometimes(double chance = 0.4) => random.Chance(chance);

        Tier = new TierPlan(random, Unit, Latency);

        // Entries are accepted only if the feed is followed and the store returns positions. They are requested only if a user is not cached.
        Follows |= Sometimes(0.9);
        ReturnsReadLsns |= Sometimes(0.9);
        Instances = random.Pick(2, 2, 3, 4);
        Restarts = Sometimes(0.5) ? random.Next(4) + 1 : Restarts;
        Lookups = (int)random.Between(40, 200);
        Budget = Budget with
        {
            EntryBytes = Sometimes(0.6) ? random.Between(500, 1900) : Budget.EntryBytes,
            LsnElements = Sometimes(0.8) ? 1000 : Budget.LsnElements,
        };
        Cache = Cache with { ReadDeadline = Cache.ReadDeadline + Tier.Timeout + TimeSpan.FromMilliseconds(10) }; // the tier is read within it
        if (Sometimes(0.7))
            Follower = Follower with { Polling = FeedPolling.Steady };

        // Replicas and the feed lag far behind, so that instances know more of a user by results than by the feed.
        if (Sometimes(0.3))
            (ReplicaLag, FeedDelay) = (Unit * random.Between(1, 4), Unit * random.Between(1, 4));

        // A result without a position is protected by the session alone, in later reads and in polls.
        LosesSession &= Tier.UnnamedReads == 0 && ReturnsReadLsns && Splits == 0;
        Tier.PollsHonorSession = Tier.UnnamedReads > 0 || Administration > 0 || Triggers > 0 || Sometimes(0.5);

        // Clocks that differ by more than the tolerance make entries of users that have expired or were deleted unseen seem younger.
        if (TimesToLive > 0 || !ShowsDeletes)
            WallSteps = 0;
    }
}
