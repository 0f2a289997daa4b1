namespace Lookup.Simulation.Checking;

/// <summary>The texts of the events in a trace.</summary>
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
        SimulationEvent.UserExpired => "u{0} expires: version {1}",
        SimulationEvent.UserRecreated => "u{0} is created again: version {1}, lsn {2}",
        SimulationEvent.AlternateKeyMoved => "u{0} changes from alternate key {1} to {2}",
        SimulationEvent.RangeSplit => "range {0} splits into {1} and {2}",
        SimulationEvent.InstanceStarted => "instance starts",
        SimulationEvent.InstanceStopped => "instance stops",
        SimulationEvent.InstanceCrashed => "instance crashes",
        SimulationEvent.Froze => "machine is frozen for {0} µs",
        SimulationEvent.Suspended => "machine is suspended for {0} µs, and its monotonic clock stands still",
        SimulationEvent.Thawed => "machine resumes",
        SimulationEvent.WallForward => "wall clock is set forward by {0} µs",
        SimulationEvent.WallBack => "wall clock is set back by {0} µs",
        SimulationEvent.ReadSent => "read of u{0} sent, session {1}",
        SimulationEvent.ReadServed => "read of u{0} reaches the store: version {1}, from a replica at {2}",
        SimulationEvent.ReadFoundNoUser => "read of u{0} reaches the store: no such user (version {1}), from a replica at {2}",
        SimulationEvent.ReadNotModified => "read of u{0} reaches the store: still version {1}, from a replica at {2}",
        SimulationEvent.ReadManyServed => "read of {0} users returns",
        SimulationEvent.FindServed => "query for alternate key {0} reaches the store: {1} users",
        SimulationEvent.ReadFailed => "read of u{0} fails",
        SimulationEvent.ReadThrottled => "read of u{0} is throttled",
        SimulationEvent.ReadStalled => "read of u{0} gets no response",
        SimulationEvent.ReadCanceled => "read of u{0} is canceled",
        SimulationEvent.SessionNotAvailable => "read of u{0}: session {1} is not available (404/1002)",
        SimulationEvent.SessionLost => "the client forgets the session of all ranges",
        SimulationEvent.FeedStarted => "feed starts with {0} ranges",
        SimulationEvent.PollSent => "poll of users {0}–{1} sent",
        SimulationEvent.PollEnded => "poll of users {0}–{1} returns: no more changes",
        SimulationEvent.PollPage => "poll of users {0}–{1} returns: {2} changes",
        SimulationEvent.NowSettled => "poll of users {0}–{1} determines \"now\"",
        SimulationEvent.PollFailed => "poll of users {0}–{1} fails",
        SimulationEvent.PollStalled => "poll of users {0}–{1} gets no response",
        SimulationEvent.PollCanceled => "poll of users {0}–{1} is canceled",
        SimulationEvent.PartFailureLost => "poll returns \"no more changes\", and the failure of users {0}–{1} is lost",
        SimulationEvent.PartOutage => "feed of the range of u{0} is down for {1} µs",
        SimulationEvent.FeedOutage => "feed is down for {0} µs",
        SimulationEvent.FeedGap => "poll of users {0}–{1}: position lost",
        SimulationEvent.ChangeUnreadable => "change {1} of u{0} cannot be parsed",
        SimulationEvent.ChangeRepeated => "change {1} of u{0} will be returned again",
        SimulationEvent.LookupBegan => "lookup #{0} of u{1} begins",
        SimulationEvent.LookupManyBegan => "lookup #{0} of {1} users begins",
        SimulationEvent.FindBegan => "lookup #{0} by alternate key {1} begins",
        SimulationEvent.RequestCanceled => "lookup #{0} is canceled",
        SimulationEvent.ResultHit => "lookup #{0} of u{1}: version {2}, hit",
        SimulationEvent.ResultMiss => "lookup #{0} of u{1}: version {2}, read (miss)",
        SimulationEvent.ResultStale => "lookup #{0} of u{1}: version {2}, read (stale)",
        SimulationEvent.ResultRequest => "lookup #{0} of u{1}: version {2}, read (required by the request)",
        SimulationEvent.ResultNotCached => "lookup #{0} of u{1}: not cached",
        SimulationEvent.FoundByAlternate => "lookup #{0} by alternate key {1}: {2} users",
        SimulationEvent.LookupFailed => "lookup #{0} fails: {1}",
        SimulationEvent.EpochBegan => "epoch {0} begins with {1} ranges",
        SimulationEvent.EpochArmed => "epoch {0} is armed",
        SimulationEvent.EpochEndedByUnreadable => "epoch ends: {0} changes could not be parsed",
        SimulationEvent.EpochEndedByGap => "epoch ends: gap",
        SimulationEvent.Evicted => "u{0} is evicted for version {1}",
        SimulationEvent.EvictedByTrigger => "u{0} is evicted by the trigger for version {1}",
        SimulationEvent.EvictedByAdministrator => "u{0} is evicted by an administrator",
        SimulationEvent.Cleared => "cache is cleared",
        SimulationEvent.FaultsEnded => "faults have ended",
        _ => what + " {0} {1} {2}",
    };
}
