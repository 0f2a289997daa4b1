using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Runs;

/// <summary>
/// The parameters of one run. Each seed draws its own: a few instances, users and ranges, and a random subset of the faults (swarm
/// testing), because faults that are always enabled hide each other.
/// </summary>
internal sealed class Plan
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;
    private const double AmpleAllowance = 100; // request units in a poll interval

    public Plan(SimRandom random)
    {
        bool Sometimes(double chance = 0.4) => random.Chance(chance);

        Unit = random.LogBetween(20 * Millisecond, 400 * Millisecond) / Millisecond * Millisecond;
        var maxStaleness = Math.Max(100 * Millisecond, Unit * random.Next(8) / 2 + Unit);
        Horizon = Math.Max(Unit * random.Between(6, 20), maxStaleness * 3);

        Users = Sometimes(0.06) ? 30 : random.Pick(1, 2, 2, 3, 3, 4, 6);
        Alternates = random.Pick(1, 1, 2);
        Ranges = Math.Min(Users, random.Pick(1, 1, 2, 3));
        Instances = random.Pick(1, 1, 2, 2, 3);
        BodyBytes = random.Pick(20, 200);
        ReplicaLag = Sometimes(0.7) ? random.LogBetween(Millisecond / 2, 2 * Unit) : 0;
        FeedDelay = Sometimes(0.7) ? random.LogBetween(Millisecond / 2, 2 * Unit) : 0;
        ShowsDeletes = Sometimes(0.5);
        Follows = !Sometimes(0.12);
        IsPartitioned = !Sometimes(0.1);
        Latency = random.LogBetween(Millisecond / 10, Millisecond * 5);
        ReturnsDocumentLsns = Sometimes(0.7);
        ReturnsReadLsns = Sometimes(0.8);

        SlowReads = Sometimes() ? random.NextDouble() * 0.5 : 0;
        ReadErrors = Sometimes(0.3) ? random.NextDouble() * 0.3 : 0;
        ReadStalls = Sometimes(0.25) ? random.NextDouble() * 0.15 : 0;
        SessionGaps = Sometimes(0.4) ? random.NextDouble() * 0.5 : 0;
        StaleReplicas = random.NextDouble();

        SlowPolls = Sometimes() ? random.NextDouble() * 0.5 : 0;
        PollErrors = Sometimes(0.3) ? random.NextDouble() * 0.4 : 0;
        PollStalls = Sometimes(0.25) ? random.NextDouble() * 0.2 : 0;
        FeedOutages = Sometimes(0.3) ? random.Next(3) + 1 : 0;
        PartOutages = Sometimes(0.3) ? random.Next(3) + 1 : 0;
        FeedGaps = Sometimes(0.25) ? random.NextDouble() * 0.1 : 0;
        Unreadable = Sometimes(0.25) ? random.NextDouble() * 0.3 : 0;
        Repeats = Sometimes(0.3) ? random.NextDouble() * 0.5 : 0;
        Reorders = Sometimes(0.5);
        PageSize = Sometimes(0.4) ? random.Next(2) + 1 : 100;
        EndsWithChanges = Sometimes(0.3);
        FeedLags = Sometimes(0.4);

        Splits = Sometimes(0.4) ? random.Next(2) + 1 : 0;
        Renumbers = Sometimes(0.7);
        ShowsDocuments = Sometimes(0.7);
        TimesToLive = Sometimes(0.25) ? random.NextDouble() : 0;
        Transactions = Sometimes(0.3) ? random.NextDouble() * 0.5 : 0;

        // A client without a session is protected by the LSNs that the instance knows, which requires that the store returns them. They are
        // not comparable with those of the children of a split.
        LosesSession = ReturnsReadLsns && Splits == 0;
        Freezes = Sometimes(0.35) ? random.Next(3) + 1 : 0;

        // An error in both clocks at the same time is undetectable, so a run either sets wall clocks back or suspends machines together
        // with their monotonic clocks.
        Suspends = Sometimes(0.6);
        WallSteps = Sometimes(0.2) ? random.Next(3) + 1 : 0;
        Restarts = Sometimes(0.25) ? random.Next(2) + 1 : 0;
        Starvation = Sometimes(0.25) ? random.NextDouble() * 0.1 : 0;
        StarvedFor = random.Pick(Unit / 4, Unit / 4, Unit * 2);

        Triggers = Sometimes(0.35) ? random.NextDouble() : 0;

        Lookups = (int)random.Between(20, 90);
        Writes = (int)random.Between(2, 20);
        Deletes = Sometimes(0.6) ? random.NextDouble() * 0.6 : 0;
        Moves = Sometimes(0.6) ? random.NextDouble() : 0;
        Bursts = random.Next(5);
        Directives = Sometimes(0.6) ? random.NextDouble() : 0;
        Many = Sometimes(0.5) ? random.NextDouble() * 0.6 : 0;
        Finds = Sometimes(0.4) ? random.NextDouble() * 0.6 : 0;
        Cancels = Sometimes(0.3) ? random.NextDouble() * 0.5 : 0;
        Administration = Sometimes(0.3) ? random.Next(5) + 1 : 0;

        var maxUnseenDelete = TimeSpan.FromTicks(maxStaleness + Unit * random.Next(10));
        Cache = new UserCacheOptions
        {
            MaxStaleness = TimeSpan.FromTicks(maxStaleness),
            CatchUpTimeout = TimeSpan.FromTicks(random.Pick(0, Unit / 2, Unit * 2)),
            MaxUnseenDelete = ShowsDeletes ? null : maxUnseenDelete,
            StaleIfError = Sometimes(0.2) ? TimeSpan.FromTicks(Unit * 3) : TimeSpan.Zero,
            // Enough for a shared read and the second read of a user in a partition that lagged.
            ReadDeadline = TimeSpan.FromTicks(Math.Max(Math.Max(10 * Millisecond, 12 * Latency), Unit * random.Pick(1, 2, 5))),
        };
        Follower = new FollowerOptions
        {
            PollInterval = TimeSpan.FromTicks(Unit),
            IdleAfter = TimeSpan.FromTicks(Unit * random.Pick(1, 3, 8)),
            PollDeadline = TimeSpan.FromTicks(Math.Max(10 * Millisecond, Unit * random.Pick(1, 2, 5))),
            Polling = Sometimes(0.5) ? FeedPolling.Adaptive : FeedPolling.Steady,
            Allowance = random.Pick(0, 0.5, 2, AmpleAllowance) * TimeSpan.TicksPerSecond / Unit,
        };
        Budget = new MemoryBudget(
            EntryBytes: Sometimes(0.15) ? random.Between(600, 16_000) : 1 << 20,
            LsnElements: random.Pick(1, 8, 1000),
            Flights: Sometimes(0.1) ? random.Next(3) + 1 : 64,
            Stripes: 1)
        {
            // A read that waits for memory is sent later than its flight is attached, which the check of G4 does not know.
            InitialUserBytes = 64,
        };

        // In a large cache, nothing is evicted, and only the code of the policies differs.
        Cache = Cache with { EvictionPolicy = Sometimes(0.5) ? EvictionPolicy.S3Fifo : EvictionPolicy.LeastRecentlyUsed };

        (Popular, Populated, PageCharge) = (Users, 0.7, 1);
        if (!Sometimes(0.1))
            return;

        // The cost is checked (see FeedCosts): nothing else causes reads or prevents them. There are more lookups, so that the cost is well
        // above the tolerance of the check, and some ranges get few of them.
        (Follows, Restarts, Triggers, Administration, TimesToLive) = (true, 0, 0, 0, 0);
        (ReadErrors, ReadStalls, SessionGaps, Directives, Cancels) = (0, 0, 0, 0, 0);
        (ReturnsReadLsns, ReturnsDocumentLsns) = (true, true); // without them, a result that is returned but not stored makes the next read necessary
        (Moves, Deletes, Populated, ReplicaLag) = Finds > 0 ? (0, 0, 1, 0) : (Moves, Deletes, Populated, ReplicaLag);
        Budget = Budget with { EntryBytes = 1 << 20, Flights = 64, LsnElements = 1000 }; // if users share an LSN, more reads are behind
        Follower = Follower with { Polling = FeedPolling.Adaptive, Allowance = Sometimes(0.6) ? random.Pick(0, 0.5, 2) : random.Pick(0.2, 0.5, 2) * TimeSpan.TicksPerSecond / Unit };
        Instances = 1;
        Users = random.Pick(Users, 6, 12, 30);
        Ranges = Math.Min(Users, random.Pick(1, 2, 3));
        (Popular, Many) = Sometimes(0.5) ? ((int)random.Between(1, Math.Max(2, Users / Ranges)), 0) : (Users, Many);
        PageCharge = random.Pick(1, 1, 2, 4);
        Horizon = maxStaleness * random.Between(10, 40);
        Lookups = (int)random.Between(200, 2000);
        Writes = random.Pick(0, Writes, (int)random.Between(20, 200));
        Bursts = Sometimes(0.3) ? Bursts : 0;
        if (Finds == 0 || !Sometimes(0.5))
            return;

        // Polls that pay for themselves by lookups of users evict the hints, again and again. If a poll had many pages, it alone could cost more
        // than the tolerance: the hints could be read after each of them.
        Users = Popular = random.Pick(15, 20, 25);
        (Alternates, Many, PageCharge, PageSize, ShowsDocuments) = (4, 0, 1, 100, true);
        (Repeats, Splits, FeedOutages, PartOutages, FeedGaps, Unreadable, PollErrors, PollStalls, FeedDelay) = (0, 0, 0, 0, 0, 0, 0, 0, 0);
        maxStaleness = 5 * Unit;
        Cache = Cache with { MaxStaleness = TimeSpan.FromTicks(maxStaleness), MaxUnseenDelete = ShowsDeletes ? null : TimeSpan.FromTicks(4 * maxStaleness) };
        Follower = Follower with { Allowance = random.Pick(0.2, 0.5) * TimeSpan.TicksPerSecond / Unit };
        (Ranges, Latency, Finds) = (random.Pick(1, 2), Math.Min(Latency, Millisecond / 2), random.Pick(0.3, 0.5));
        Horizon = maxStaleness * random.Between(10, 20);
        Lookups = (int)random.Between(1500, 2500);
        Writes = (int)random.Between(400, 800);
    }

    /// <summary>Gets the poll interval, the unit of all other times.</summary>
    public long Unit { get; }

    /// <summary>Gets the time for which users are looked up and changed and faults occur.</summary>
    public long Horizon { get; }

    public int Users { get; }

    /// <summary>Gets the number of users that most lookups and changes are of.</summary>
    public int Popular { get; }

    /// <summary>Gets the share of the users that exist from the beginning.</summary>
    public double Populated { get; }

    public int Alternates { get; }

    public int Ranges { get; }

    public int Instances { get; }

    public int BodyBytes { get; }

    /// <summary>Gets the maximum time until every replica has applied a change.</summary>
    public long ReplicaLag { get; }

    /// <summary>Gets the maximum time until the change feed returns a change.</summary>
    public long FeedDelay { get; }

    /// <summary>Gets a value that indicates whether the feed is read in AllVersionsAndDeletes mode instead of LatestVersion mode.</summary>
    public bool ShowsDeletes { get; }

    /// <summary>Gets a value that indicates whether the instances follow the feed.</summary>
    public bool Follows { get; }

    /// <summary>Gets a value that indicates whether polls are never too expensive, so that the feed is always followed while there are lookups.</summary>
    public bool CanAlwaysPoll => Follower.Polling == FeedPolling.Steady || Follower.Allowance >= AmpleAllowance * TimeSpan.TicksPerSecond / Unit;

    /// <summary>Gets a value that indicates whether the feed states which range contains a user.</summary>
    public bool IsPartitioned { get; }

    /// <summary>Gets the typical time of a message in one direction.</summary>
    public long Latency { get; }

    public bool ReturnsDocumentLsns { get; }

    public bool ReturnsReadLsns { get; }

    public double SlowReads { get; }

    public double ReadErrors { get; }

    public double ReadStalls { get; }

    /// <summary>Gets the probability that a replica behind the session returns 404/1002 instead of forwarding the read.</summary>
    public double SessionGaps { get; }

    /// <summary>Gets the probability that a read goes to the replica with the greatest lag instead of a random one.</summary>
    public double StaleReplicas { get; }

    public double SlowPolls { get; }

    public double PollErrors { get; }

    public double PollStalls { get; }

    public int FeedOutages { get; }

    /// <summary>Gets the number of outages of the feed of one physical range while the others respond.</summary>
    public int PartOutages { get; }

    public double FeedGaps { get; }

    public double Unreadable { get; }

    public double Repeats { get; }

    public bool Reorders { get; }

    public int PageSize { get; }

    /// <summary>Gets the charge of a page, in request units. A read has a charge of 1.</summary>
    public double PageCharge { get; }

    /// <summary>Gets a value that indicates whether a page with changes can be the end. Otherwise, only an empty page is the end.</summary>
    public bool EndsWithChanges { get; }

    /// <summary>Gets a value that indicates whether pages come from replicas of different lag, instead of one that is up to date.</summary>
    public bool FeedLags { get; }

    public int Splits { get; }

    /// <summary>Gets a value that indicates whether the LSNs of the children of a split begin anywhere, instead of continuing.</summary>
    public bool Renumbers { get; }

    /// <summary>Gets a value that indicates whether the pages of the feed contain the documents.</summary>
    public bool ShowsDocuments { get; }

    /// <summary>Gets the probability that a version has a time to live.</summary>
    public double TimesToLive { get; }

    /// <summary>Gets the probability that a transaction writes the same user twice, at one LSN.</summary>
    public double Transactions { get; }

    /// <summary>Gets a value that indicates whether a client forgets the session of all ranges after a 404/1002.</summary>
    public bool LosesSession { get; }

    public int Freezes { get; }

    /// <summary>Gets a value that indicates whether the monotonic clock stands still while a machine is frozen.</summary>
    public bool Suspends { get; }

    public int WallSteps { get; }

    public int Restarts { get; }

    public double Starvation { get; }

    /// <summary>Gets the maximum delay of work that is ready to run.</summary>
    public long StarvedFor { get; }

    public double Triggers { get; }

    public int Lookups { get; }

    public int Writes { get; }

    public double Deletes { get; }

    public double Moves { get; }

    public int Bursts { get; }

    public double Directives { get; }

    public double Many { get; }

    public double Finds { get; }

    public double Cancels { get; }

    public int Administration { get; }

    public UserCacheOptions Cache { get; }

    public FollowerOptions Follower { get; }

    public MemoryBudget Budget { get; }
}
