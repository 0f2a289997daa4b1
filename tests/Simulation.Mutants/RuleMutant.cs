using Lookup.Domain.Caching;
using Lookup.Domain.Freshness;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant of the protocol itself, by the hooks that Domain calls where it applies a rule (folder Mutations).</summary>
internal sealed class RuleMutant(Rule rule) : Mutant(rule.ToString())
{
    public override void Change(FreshnessTracker freshness, UserCache cache)
    {
        freshness.LeftOut = rule;
        cache.LeftOut = rule;
    }
}

/// <summary>The rules of the protocol that can be left out only inside it.</summary>
internal enum Rule
{
    /// <summary>The protocol as it ships.</summary>
    None,

    /// <summary>A completed flight stores its result although an eviction detached it.</summary>
    StoreWithoutFence,

    /// <summary>A request joins a flight that an eviction detached.</summary>
    JoinDetachedFlight,

    /// <summary>An entry is as fresh as the end of its read, not the start.</summary>
    TimeAtEndOfRead,

    /// <summary>Entries of an ended epoch are confirmed by the next one.</summary>
    IgnoreEpoch,

    /// <summary>The entry is removed first and the flight is detached in a later step.</summary>
    EvictBeforeDetach,

    /// <summary>An eviction removes users, but not the entry that says that a user does not exist.</summary>
    KeepNegatives,

    /// <summary>An entry or a flight stays although a read that is not stored has returned something newer.</summary>
    KeepOlderThanGiven,

    /// <summary>Every request attaches a flight of its own.</summary>
    SeparateFlights,

    /// <summary>A request joins a flight regardless of when its read was sent.</summary>
    JoinAnyFlight,

    /// <summary>A request that is canceled ends the flight for all that wait.</summary>
    LeaveEndsFlight,

    /// <summary>Clearing removes entries and leaves the flights attached.</summary>
    ClearKeepsFlights,

    /// <summary>A read counts as covered by an epoch that was not armed when it was sent.</summary>
    CoverUnarmed,
}
