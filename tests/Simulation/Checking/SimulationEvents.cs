namespace Lookup.Simulation.Checking;

/// <summary>How happenings are written down.</summary>
internal static class Happenings
{
    private static readonly string[] Texts = [.. Enum.GetValues<Happening>().Select(Text)];

    public static int Count => Texts.Length;

    public static string TextOf(Happening what) => Texts[(int)what];

    private static string Text(Happening what) => what switch
    {
        Happening.UserCreated => "u{0} is created: version {1}, lsn {2}",
        Happening.UserChanged => "u{0} is changed: version {1}, lsn {2}",
        Happening.UserDeleted => "u{0} is deleted: version {1}, lsn {2}",
        Happening.UserRecreated => "u{0} is created again: version {1}, lsn {2}",
        Happening.AlternateKeyMoved => "u{0} moves from alternate key {1} to {2}",
        Happening.RangeSplit => "range {0} splits into {1} and {2}",
        Happening.InstanceStarted => "instance starts",
        Happening.InstanceStopped => "instance stops",
        Happening.InstanceCrashed => "instance crashes",
        Happening.Froze => "machine freezes for {0} µs",
        Happening.Suspended => "machine is suspended for {0} µs; its monotonic clock stands still",
        Happening.Thawed => "machine goes on",
        Happening.WallForward => "wall clock is set forward by {0} µs",
        Happening.WallBack => "wall clock is set back by {0} µs",
        Happening.ReadSent => "read of u{0} sent, session {1}",
        Happening.ReadServed => "read of u{0} reaches the store: version {1}, from a replica at {2}",
        Happening.ReadFoundNobody => "read of u{0} reaches the store: nobody (version {1}), from a replica at {2}",
        Happening.ReadNotModified => "read of u{0} reaches the store: still version {1}, from a replica at {2}",
        Happening.ReadManyServed => "read of {0} users is answered",
        Happening.FindServed => "query for alternate key {0} reaches the store: {1} users",
        Happening.ReadFailed => "read of u{0} fails",
        Happening.ReadThrottled => "read of u{0} is throttled",
        Happening.ReadStalled => "read of u{0} is not answered",
        Happening.ReadGivenUp => "read of u{0} is given up",
        Happening.SessionNotAvailable => "read of u{0}: session {1} is not available (404/1002)",
        Happening.FeedStarted => "feed starts with {0} ranges",
        Happening.PollSent => "poll of users {0}–{1} sent",
        Happening.PollEnded => "poll of users {0}–{1} is answered: no more changes",
        Happening.PollPage => "poll of users {0}–{1} is answered: {2} changes",
        Happening.NowSettled => "poll of users {0}–{1} settles Now",
        Happening.PollFailed => "poll of users {0}–{1} fails",
        Happening.PollStalled => "poll of users {0}–{1} is not answered",
        Happening.PollGivenUp => "poll of users {0}–{1} is given up",
        Happening.PartFailureLost => "poll is answered with no more changes, and the failure of users {0}–{1} is lost",
        Happening.PartOutage => "feed of the range of u{0} is down for {1} µs",
        Happening.FeedOutage => "feed is down for {0} µs",
        Happening.FeedGap => "poll of users {0}–{1}: position lost",
        Happening.ChangeUnreadable => "change {1} of u{0} cannot be read",
        Happening.ChangeRepeated => "change {1} of u{0} will be shown again",
        Happening.LookupBegan => "lookup #{0} of u{1} begins",
        Happening.LookupManyBegan => "lookup #{0} of {1} users begins",
        Happening.FindBegan => "lookup #{0} by alternate key {1} begins",
        Happening.CallerGaveUp => "lookup #{0} is given up by its caller",
        Happening.AnswerHit => "lookup #{0} of u{1}: version {2}, hit",
        Happening.AnswerMiss => "lookup #{0} of u{1}: version {2}, read (miss)",
        Happening.AnswerStale => "lookup #{0} of u{1}: version {2}, read (stale)",
        Happening.AnswerRequest => "lookup #{0} of u{1}: version {2}, read (asked for)",
        Happening.AnswerNotCached => "lookup #{0} of u{1}: not cached",
        Happening.FoundByAlternate => "lookup #{0} by alternate key {1}: {2} users",
        Happening.LookupFailed => "lookup #{0} fails: {1}",
        Happening.EpochBegan => "epoch {0} begins over {1} ranges",
        Happening.EpochArmed => "epoch {0} is armed",
        Happening.EpochEndedUnread => "epoch ends: {0} changes could not be read",
        Happening.EpochEndedByGap => "epoch ends: gap",
        Happening.Evicted => "u{0} is evicted for version {1}",
        Happening.EvictedByTrigger => "u{0} is evicted by the trigger for version {1}",
        Happening.EvictedByAdministrator => "u{0} is evicted by the administrator",
        Happening.Cleared => "memory is cleared",
        Happening.QuietReached => "faults have ended",
        _ => what + " {0} {1} {2}",
    };
}
