namespace Lookup.Domain.Caching;

/// <summary>
/// Known-bad variants of the protocol, each with one rule left out. They exist so that the simulation can show that it would
/// notice; nothing outside the tests can choose one.
/// </summary>
internal enum Flaw
{
    /// <summary>The protocol as it is.</summary>
    None,

    /// <summary>A finished flight stores although an eviction detached it.</summary>
    StoreWithoutFence,

    /// <summary>A reader joins a flight that an eviction detached.</summary>
    JoinDetachedFlight,

    /// <summary>An entry is as fresh as the end of its read, not the start.</summary>
    TimeAtEndOfRead,

    /// <summary>A poll confirms as of its receipt, not its sending.</summary>
    ConfirmAtReceipt,

    /// <summary>The feed is armed by the first page, though it was not the end.</summary>
    ArmBeforeEnd,

    /// <summary>Entries of an ended epoch are confirmed by the next one.</summary>
    IgnoreEpoch,

    /// <summary>A replica that does not know the session yet (404/1002) counts as «no such user».</summary>
    CacheSessionNotAvailable,

    /// <summary>Time is what the monotonic clock says, which stands still while frozen.</summary>
    MonotonicClockOnly,

    /// <summary>A lagging replica's answer is stored although the change that evicted the user is newer.</summary>
    NoFloor,

    /// <summary>The entry is removed first and the flight detached in a later step.</summary>
    EvictBeforeDetach,

    /// <summary>An eviction forgets users, but not that a user was unknown.</summary>
    KeepNegatives,

    /// <summary>A poll confirms before the changes of its pages were applied.</summary>
    ConfirmBeforeApply,

    /// <summary>A change that cannot be read is skipped, and the epoch goes on.</summary>
    SkipUnreadable,

    /// <summary>In LatestVersion mode a confirmed user is served for ever, deleted or not.</summary>
    IgnoreUnseenDeletes,

    /// <summary>An entry or a flight stays though a read that is not stored has brought something newer.</summary>
    KeepOlderThanGiven,

    /// <summary>Every reader attaches a flight of its own.</summary>
    SeparateFlights,

    /// <summary>A reader joins a flight however long ago it left.</summary>
    JoinAnyFlight,

    /// <summary>A caller that gives up ends the flight for all who wait.</summary>
    LeaveEndsFlight,

    /// <summary>Clearing forgets entries and leaves the flights attached.</summary>
    ClearKeepsFlights,

    /// <summary>A change evicts the user, and not the hints for its alternate keys.</summary>
    KeepHints,

    /// <summary>Fences are kept without bound.</summary>
    UnboundedFences,

    /// <summary>A read counts as covered by an epoch that was not armed when it was sent.</summary>
    CoverUnarmed,

    /// <summary>The range polled last confirms all of them.</summary>
    ConfirmByOneRange,

    /// <summary>"No more changes" is believed of all parts of a range that has split, though it was said by one.</summary>
    EndOfOnePart,
}
