using Lookup.Domain.Caching;
using Lookup.Domain.Freshness;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant of the protocol itself. It uses the hooks that Domain calls when it applies a rule (see Mutations).</summary>
internal sealed class RuleMutant(Rule rule) : Mutant(rule.ToString())
{
    public override void Change(FreshnessTracker freshness, UserCache cache)
    {
        freshness.LeftOut = rule;
        cache.LeftOut = rule;
    }
}

/// <summary>Specifies the rules that can be left out only inside the protocol.</summary>
internal enum Rule
{
    /// <summary>The protocol as it ships.</summary>
    None,

    /// <summary>A completed flight stores its result although an eviction detached it.</summary>
    StoreDetached,

    /// <summary>A request joins a flight that an eviction detached.</summary>
    JoinDetachedFlight,

    /// <summary>An entry counts as fresh as of the end of its read, not the start.</summary>
    TimeAtEndOfRead,

    /// <summary>Entries of an ended epoch are confirmed by the next one.</summary>
    IgnoreEpoch,

    /// <summary>The entry is removed first and the flight is detached in a later step.</summary>
    EvictBeforeDetach,

    /// <summary>An eviction removes users, but not negative entries.</summary>
    KeepNegatives,

    /// <summary>An older entry or flight remains after a read that is not stored has returned a newer version.</summary>
    KeepOlderThanGiven,

    /// <summary>Every request attaches a flight of its own.</summary>
    SeparateFlights,

    /// <summary>A request joins a flight regardless of when its read was sent.</summary>
    JoinAnyFlight,

    /// <summary>A request that is canceled ends the flight for all waiters.</summary>
    LeaveEndsFlight,

    /// <summary>Clearing removes entries and leaves the flights attached.</summary>
    ClearKeepsFlights,

    /// <summary>A read counts as covered by an epoch that was not armed when it was sent.</summary>
    CoverUnarmed,

    /// <summary>A gap in a range ends the epoch of that range, but not the one of all ranges, which covers hints.</summary>
    GapKeepsHints,

    /// <summary>A user is confirmed by the next range instead of its own.</summary>
    WrongRange,

    /// <summary>A hint is confirmed by one range, not by all.</summary>
    HintOfOneRange,

    /// <summary>A hint counts as covered although one range is not armed.</summary>
    HintBeforeAllArmed,

    /// <summary>A read of a replica that lags behind the position at which following began counts as covered by the epoch.</summary>
    CoverFromBefore,

    /// <summary>A result that is returned does not raise the known LSN of its user.</summary>
    AnswersRaiseNothing,

    /// <summary>An entry stays if its LSN is not below that of a change, even if they belong to different partitions.</summary>
    KeepAcrossPartitions,

    /// <summary>An entry of the feed stays if another change has its LSN.</summary>
    KeepEqualFromFeed,

    /// <summary>A change that the entry of its user reflects does not evict hints.</summary>
    KeepHintsOfKept,

    /// <summary>The document of an older change takes the place of a newer entry.</summary>
    UpdateByOlder,

    /// <summary>An entry of another partition is updated, although it may be newer.</summary>
    UpdateAcrossPartitions,

    /// <summary>A document of the feed counts as read when its poll was sent.</summary>
    UpdateCountsAsRead,

    /// <summary>The first of several changes of a user on a page counts, instead of the last.</summary>
    UpdateByFirst,

    /// <summary>A poll is sent although neither the account nor the allowance can pay for it.</summary>
    PollWithoutBalance,

    /// <summary>A read that the feed has saved counts again with each hit, not once per staleness bound.</summary>
    CountEveryHit,

    /// <summary>A read that the feed has saved in one range pays for polls of each of the others, too.</summary>
    SaveForAllRanges,

    /// <summary>The read of a user that the feed has evicted too early is not a cost of following the range.</summary>
    EvictionsCostNothing,

    /// <summary>
    /// The read of an entry that a poll has evicted too early is charged to the lookups of the entry, not to those for which the poll was sent.
    /// </summary>
    EvictedPayForEviction,
}
