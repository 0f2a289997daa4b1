namespace Lookup.Simulation.Checking;

/// <summary>Specifies the guarantees that are checked. G1–G7 are defined in docs/consistency.md. They presuppose the others.</summary>
internal enum Guarantee
{
    None,

    /// <summary>A fresh result reflects every change that was visible MaxStaleness before its request began.</summary>
    G1Bounded,

    /// <summary>After an eviction for a version, no request that begins later gets a version below it.</summary>
    G2NoResurrection,

    /// <summary>For one user on one instance, versions never go back.</summary>
    G3Monotonic,

    /// <summary>At most one attached read for each key on each instance.</summary>
    G4SingleFlight,

    /// <summary>Entries, known LSNs and reads in flight stay within the budget.</summary>
    G5BoundedMemory,

    /// <summary>A change that was lost ends the epoch.</summary>
    G6NoSilentLoss,

    /// <summary>Polls and reads cost at most 1.1 times what the same lookups would cost without the feed, plus the allowance.</summary>
    G7FeedPaysForItself,

    /// <summary>Every request ends within its deadlines and leaves no read behind.</summary>
    EveryRequestEnds,

    /// <summary>After faults have ended, the feed is followed again and every read returns the newest version.</summary>
    Recovers,

    /// <summary>An instance without requests does not poll.</summary>
    IdleCostsNothing,

    /// <summary>Calls fail only with documented exceptions.</summary>
    FailsOnlyAsDocumented,
}
