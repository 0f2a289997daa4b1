namespace Lookup.Simulation.Checking;

/// <summary>How happenings are written down.</summary>
internal static class SimulationEvents
{
    private static readonly string[] Texts = [.. Enum.GetValues<SimulationEvent>().Select(Text)];

    public static int Count => Texts.Length;

    public static string TextOf(SimulationEvent what) => Texts[(int)what];

    private static string Text(SimulationEvent what) => what switch
    {
        SimulationEvent.UserCreated => "u{0} is created: version {1}, lsn {2}",
        SimulationEvent.UserChanged => "u{0} is changed: version {1}, lsn {2}",
        SimulationEvent.UserDeleted => "u{0} is deleted: version {1}, lsn {2}",
        SimulationEvent.UserRecreated => "u{0} is created again: version {1}, lsn {2}",
        SimulationEvent.AlternateKeyMoved => "u{0} moves from alternate key {1} to {2}",
        SimulationEvent.RangeSplit => "range {0} splits into {1} and {2}",
        SimulationEvent.InstanceStarted => "instance starts",
        SimulationEvent.InstanceStopped => "instance stops",
        SimulationEvent.InstanceCrashed => "instance crashes",
        SimulationEvent.Froze => "machine freezes for {0} µs",
        SimulationEvent.Suspended => "machine is suspended for {0} µs; its monotonic clock stands still",
        SimulationEvent.Thawed => "machine goes on",
        SimulationEvent.WallForward => "wall clock is set forward by {0} µs",
        SimulationEvent.WallBack => "wall clock is set back by {0} µs",
        SimulationEvent.ReadSent => "read of u{0} sent, session {1}",
        SimulationEvent.ReadServed => "read of u{0} reaches the store: version {1}, from a replica at {2}",
        SimulationEvent.ReadFoundNoUser => "read of u{0} reaches the store: nobody (version {1}), from a replica at {2}",
        SimulationEvent.ReadNotModified => "read of u{0} reaches the store: still version {1}, from a replica at {2}",
        SimulationEvent.ReadManyServed => "read of {0} users is answered",
        SimulationEvent.FindServed => "query for alternate key {0} reaches the store: {1} users",
        SimulationEvent.ReadFailed => "read of u{0} fails",
        SimulationEvent.ReadThrottled => "read of u{0} is throttled",
        SimulationEvent.ReadStalled => "read of u{0} is not answered",
        SimulationEvent.ReadCanceled => "read of u{0} is given up",
        SimulationEvent.SessionNotAvailable => "read of u{0}: session {1} is not available (404/1002)",
        SimulationEvent.FeedStarted => "feed starts with {0} ranges",
        SimulationEvent.PollSent => "poll of users {0}–{1} sent",
        SimulationEvent.PollEnded => "poll of users {0}–{1} is answered: no more changes",
        SimulationEvent.PollPage => "poll of users {0}–{1} is answered: {2} changes",
        SimulationEvent.NowSettled => "poll of users {0}–{1} settles Now",
        SimulationEvent.PollFailed => "poll of users {0}–{1} fails",
        SimulationEvent.PollStalled => "poll of users {0}–{1} is not answered",
        SimulationEvent.PollCanceled => "poll of users {0}–{1} is given up",
        SimulationEvent.PartFailureLost => "poll is answered with no more changes, and the failure of users {0}–{1} is lost",
        SimulationEvent.PartOutage => "feed of the range of u{0} is down for {1} µs",
        SimulationEvent.FeedOutage => "feed is down for {0} µs",
        SimulationEvent.FeedGap => "poll of users {0}–{1}: position lost",
        SimulationEvent.ChangeUnreadable => "change {1} of u{0} cannot be read",
        SimulationEvent.ChangeRepeated => "change {1} of u{0} will be shown again",
        SimulationEvent.LookupBegan => "lookup #{0} of u{1} begins",
        SimulationEvent.LookupManyBegan => "lookup #{0} of {1} users begins",
        SimulationEvent.FindBegan => "lookup #{0} by alternate key {1} begins",
        SimulationEvent.RequestCanceled => "lookup #{0} is given up by its caller",
        SimulationEvent.ResultHit => "lookup #{0} of u{1}: version {2}, hit",
        SimulationEvent.ResultMiss => "lookup #{0} of u{1}: version {2}, read (miss)",
        SimulationEvent.ResultStale => "lookup #{0} of u{1}: version {2}, read (stale)",
        SimulationEvent.ResultRequest => "lookup #{0} of u{1}: version {2}, read (asked for)",
        SimulationEvent.ResultNotCached => "lookup #{0} of u{1}: not cached",
        SimulationEvent.FoundByAlternate => "lookup #{0} by alternate key {1}: {2} users",
        SimulationEvent.LookupFailed => "lookup #{0} fails: {1}",
        SimulationEvent.EpochBegan => "epoch {0} begins over {1} ranges",
        SimulationEvent.EpochArmed => "epoch {0} is armed",
        SimulationEvent.EpochEndedByUnreadable => "epoch ends: {0} changes could not be read",
        SimulationEvent.EpochEndedByGap => "epoch ends: gap",
        SimulationEvent.Evicted => "u{0} is evicted for version {1}",
        SimulationEvent.EvictedByTrigger => "u{0} is evicted by the trigger for version {1}",
        SimulationEvent.EvictedByAdministrator => "u{0} is evicted by the administrator",
        SimulationEvent.Cleared => "memory is cleared",
        SimulationEvent.FaultsEnded => "faults have ended",
        _ => what + " {0} {1} {2}",
    };
}
