namespace Lookup.Simulation.Checking;

/// <summary>What is checked. G1–G6 are those of docs/consistency.md; the rest is what they take for granted.</summary>
internal enum Guarantee
{
    None,

    /// <summary>A fresh answer reflects every change that was visible MaxStaleness before its request began.</summary>
    G1Bounded,

    /// <summary>After an eviction for a version, no request that begins later gets one below it.</summary>
    G2NoResurrection,

    /// <summary>For one user on one instance versions never go back.</summary>
    G3Monotonic,

    /// <summary>At most one attached read for each key on each instance.</summary>
    G4SingleFlight,

    /// <summary>Entries, fences and reads under way stay within the budget.</summary>
    G5BoundedMemory,

    /// <summary>A change that was lost ends the epoch.</summary>
    G6NoSilentLoss,

    /// <summary>Every request ends within its deadlines, and nothing of it is left behind.</summary>
    EveryRequestEnds,

    /// <summary>When faults have ended the feed is followed again, and every read returns the newest version.</summary>
    Recovers,

    /// <summary>An instance that nobody asks does not poll.</summary>
    IdleCostsNothing,

    /// <summary>Nothing fails in a way that its caller is not told to expect.</summary>
    FailsOnlyAsDocumented,
}
