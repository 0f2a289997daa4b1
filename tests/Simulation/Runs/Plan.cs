using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Runs;

/// <summary>
/// What one run is made of. Each seed draws its own: a few instances, users and ranges, and a random part of the faults (swarm
/// testing), because faults that are always on hide each other.
/// </summary>
internal sealed class Plan
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;

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
        Latency = random.LogBetween(Millisecond / 10, Millisecond * 5);
        NumbersDocuments = Sometimes(0.7);
        NumbersReads = Sometimes(0.8);

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

        Splits = Sometimes(0.25) ? random.Next(2) + 1 : 0;
        Freezes = Sometimes(0.35) ? random.Next(3) + 1 : 0;

        // Two clocks that err at once cannot be noticed: a run sets walls back, or it suspends machines with their monotonic clocks.
        Suspends = Sometimes(0.6);
        WallSteps = Sometimes(0.2) ? random.Next(3) + 1 : 0;
        Restarts = Sometimes(0.25) ? random.Next(2) + 1 : 0;
        Starvation = Sometimes(0.25) ? random.NextDouble() * 0.1 : 0;
        StarvedFor = random.Pick(Unit / 4, Unit / 4, Unit * 2);

        // A trigger belongs to another client, so no session token comes with its evictions: the floors alone protect them, and
        // they need the numbers of the reads and a window as long as replicas may lag.
        Triggers = NumbersReads && Sometimes(0.35) ? random.NextDouble() : 0;
        var window = Triggers > 0 ? ReplicaLag + 10 * Millisecond : 0;

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
            ReadDeadline = TimeSpan.FromTicks(Math.Max(10 * Millisecond, Unit * random.Pick(1, 2, 5))),
            FillFenceWindow = TimeSpan.FromTicks(Math.Max(window, random.Pick(0, Unit, 100 * Unit))),
        };
        Follower = new FollowerOptions
        {
            PollInterval = TimeSpan.FromTicks(Unit),
            IdleAfter = TimeSpan.FromTicks(Unit * random.Pick(1, 3, 8)),
            PollDeadline = TimeSpan.FromTicks(Math.Max(10 * Millisecond, Unit * random.Pick(1, 2, 5))),
        };
        var floors = Triggers > 0 ? Users + (Alternates * 2) + 1000 : random.Pick(1, 3, 1000);
        Budget = new MemoryBudget(
            EntryBytes: Sometimes(0.15) ? random.Between(600, 16_000) : 1 << 20,
            FloorsPerStripe: floors,
            Flights: Sometimes(0.1) ? random.Next(3) + 1 : 64,
            Stripes: 1);

        // Where memory is large nobody gives way, and the policies differ in nothing but their code.
        Cache = Cache with { EvictionPolicy = Sometimes(0.5) ? EvictionPolicy.S3Fifo : EvictionPolicy.LeastRecentlyUsed };
    }

    /// <summary>The poll interval, by which all else is measured.</summary>
    public long Unit { get; }

    /// <summary>For how long users are looked up and changed, and faults happen.</summary>
    public long Horizon { get; }

    public int Users { get; }

    public int Alternates { get; }

    public int Ranges { get; }

    public int Instances { get; }

    public int BodyBytes { get; }

    /// <summary>After how long each replica has applied a change at the latest.</summary>
    public long ReplicaLag { get; }

    /// <summary>After how long the change feed shows a change at the latest.</summary>
    public long FeedDelay { get; }

    /// <summary>The feed is read in AllVersionsAndDeletes mode, not in LatestVersion mode.</summary>
    public bool ShowsDeletes { get; }

    /// <summary>Whether the instances follow the feed at all.</summary>
    public bool Follows { get; }

    /// <summary>How long a message takes one way.</summary>
    public long Latency { get; }

    public bool NumbersDocuments { get; }

    public bool NumbersReads { get; }

    public double SlowReads { get; }

    public double ReadErrors { get; }

    public double ReadStalls { get; }

    /// <summary>How often a replica behind the session answers 404/1002 instead of handing the read on.</summary>
    public double SessionGaps { get; }

    /// <summary>How often a read goes to the replica that lags most, not to any.</summary>
    public double StaleReplicas { get; }

    public double SlowPolls { get; }

    public double PollErrors { get; }

    public double PollStalls { get; }

    public int FeedOutages { get; }

    /// <summary>How often the feed of one physical range is down, while the others answer.</summary>
    public int PartOutages { get; }

    public double FeedGaps { get; }

    public double Unreadable { get; }

    public double Repeats { get; }

    public bool Reorders { get; }

    public int PageSize { get; }

    /// <summary>A page with changes may be the end already; else only an empty one is.</summary>
    public bool EndsWithChanges { get; }

    public int Splits { get; }

    public int Freezes { get; }

    /// <summary>The monotonic clock stands still while a machine is frozen.</summary>
    public bool Suspends { get; }

    public int WallSteps { get; }

    public int Restarts { get; }

    public double Starvation { get; }

    /// <summary>By how long work may be kept from running after it became ready.</summary>
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
