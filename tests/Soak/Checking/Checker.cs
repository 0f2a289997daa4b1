using System.Globalization;
using Lookup.Soak.Load;

namespace Lookup.Soak.Checking;

/// <summary>Holds every response against G1 to G3 of docs/consistency.md.</summary>
/// <param name="population">What was written, and when.</param>
/// <param name="promises">For each instance, what it promises.</param>
/// <param name="lags">When replicas lagged.</param>
/// <param name="report">Hears of broken promises.</param>
internal sealed class Checker(Population population, IReadOnlyList<Promises> promises, LagLog lags, Action<Violation> report)
{
    /// <summary>What the two clocks of an instance may differ by unnoticed, and the clock's resolution here.</summary>
    private const long Slack = 2 * TimeSpan.TicksPerMillisecond;

    /// <summary>How long after a lag was ended a poll that it delayed may still count.</summary>
    private const long LagTail = TimeSpan.TicksPerSecond;

    private long _checked;
    private long _greatestStaleness;

    /// <summary>Users about whom a response was checked.</summary>
    public long Checked => Interlocked.Read(ref _checked);

    /// <summary>The longest that a fresh answer was behind a newer version's acknowledgement, when its request began; where the feed shows deletes.</summary>
    public TimeSpan GreatestStaleness => TimeSpan.FromTicks(Interlocked.Read(ref _greatestStaleness));

    public void Check(in Observation seen)
    {
        Interlocked.Increment(ref _checked);
        var history = population.Histories[seen.User];
        var newest = history.Newest;

        // «No such user» does not say which absence was seen: it is taken for the latest where it must not be too old, and for the
        // earliest possible where later answers are measured by it.
        var version = seen.Version == Observation.Absent ? history.LastAbsence(0, newest) : seen.Version;
        if (version > newest || (seen.Version != Observation.Absent && history.IsAbsent(version)) || history.SentAt(version) > seen.Ended)
        {
            Report("invention", seen, "nobody had written that");
            return;
        }

        if (version < seen.DeliveredBefore)
            Report("G3", seen, Invariant($"version {seen.DeliveredBefore} had been received from this instance before the request began"));
        CheckEviction(seen, history, version);
        CheckAge(seen, history, version);
        seen.Life.Deliver(
            seen.User, seen.Version == Observation.Absent ? history.FirstAbsence(seen.DeliveredBefore) : version);
    }

    /// <summary>Whether a user must be among those who have an address, by what a response may show.</summary>
    public bool MustHave(in Observation seen, int address)
    {
        if (Bound(seen) is not { } bound)
            return false;
        var history = population.Histories[seen.User];
        var newest = history.Newest;
        for (var version = Required(seen, history, bound.Staleness, bound.Beyond); version <= newest; version++)
        {
            if (history.AddressIn(version) != address)
                return false;
        }

        return true;
    }

    public void ReportLeftOut(in Observation seen, string address) =>
        Report("G1", seen, $"has had {address} for longer than may pass unnoticed, and was not listed");

    private void CheckEviction(in Observation seen, UserHistory history, int version)
    {
        if (seen.EvictedBefore == long.MinValue)
            return;
        var required = history.AcknowledgedBy(lags.EarliestSeen(seen.EvictedBefore, seen.Ended) - Slack);
        if (version < required)
            Report("G2", seen, Invariant($"version {required} had been acknowledged before the user was evicted here at {Seconds(seen.EvictedBefore)} s"));
    }

    private void CheckAge(in Observation seen, UserHistory history, int version)
    {
        if (version == history.Newest && !seen.IsStale)
            return;
        if (Bound(seen) is not { } bound)
            return;

        var required = Required(seen, history, bound.Staleness, bound.Beyond);
        if (version < required)
        {
            Report("G1", seen, Invariant(
                $"it must reflect version {required}, acknowledged at {Seconds(history.AcknowledgedAt(required))} s: it may be {Seconds(bound.Staleness + bound.Beyond)} s stale"));
        }

        if (!seen.IsStale && version < history.Newest && promises[seen.Life.Instance].MaxUnseenDelete is null)
            NoteStaleness(seen.Began - history.AcknowledgedAt(version + 1));
    }

    /// <summary>How stale an answer may be, and by how much that exceeds the promise; null for any staleness.</summary>
    private (long Staleness, long Beyond)? Bound(in Observation seen)
    {
        var promise = promises[seen.Life.Instance].MaxStaleness;
        var asked = seen.Directives;
        var onError = asked.StaleIfError ?? TimeSpan.Zero;
        var onRequest = asked.MaxStale ?? TimeSpan.Zero;
        var allowed = seen.IsJoint ? (onError > onRequest ? onError : onRequest) : seen.IsInsteadOfError ? onError : onRequest;

        // A read that took longer than MaxStaleness brings what is stale on arrival. It says so, and is as new as any read can be.
        var isLateRead = seen.IsByRead && !seen.IsInsteadOfError && (!seen.IsJoint || allowed == TimeSpan.Zero);
        if (!seen.IsStale || isLateRead)
            return (asked.Freshness(promise, seen.IsInsteadOfError).Ticks, 0);
        if (asked.MaxStale == TimeSpan.MaxValue)
            return null;
        if (allowed == TimeSpan.Zero)
            Report("G1", seen, "it is marked as stale, which nobody had allowed");
        return (promise.Ticks, allowed.Ticks);
    }

    /// <summary>The oldest version that may be given.</summary>
    private int Required(in Observation seen, UserHistory history, long staleness, long beyond)
    {
        var from = seen.Began - staleness - beyond;
        var visible = history.AcknowledgedBy(from - LagAt(from, seen.Ended) - Slack);
        if (promises[seen.Life.Instance].MaxUnseenDelete is not { } unseen || seen.Directives.NoCache)
            return visible;
        if (history.LastAbsence(visible + 1, history.Newest) < 0 && !history.IsAbsent(visible))
            return visible;

        // From the last absence that this feed may have hidden, only the bound of unseen deletes counts.
        var since = seen.Began - unseen.Ticks - beyond;
        return Math.Min(visible, history.AcknowledgedBy(since - LagAt(since, seen.Ended) - Slack));
    }

    private long LagAt(long from, long until) => lags.Within(from - LagTail, until);

    private void NoteStaleness(long staleness)
    {
        var known = Interlocked.Read(ref _greatestStaleness);
        while (staleness > known)
        {
            var before = Interlocked.CompareExchange(ref _greatestStaleness, staleness, known);
            if (before == known)
                return;
            known = before;
        }
    }

    private void Report(string promise, in Observation seen, string why)
    {
        var what = seen.Version == Observation.Absent ? "«no such user»" : Invariant($"version {seen.Version}");
        report(new Violation(promise, Invariant(
            $"{population.Ids[seen.User]}: {what} from instance {seen.Life.Instance} (life {seen.Life.Number}), request [{seen.Directives.Text}] from {Seconds(seen.Began)} s to {Seconds(seen.Ended)} s, stale={seen.IsStale}, store-failed={seen.IsInsteadOfError}: {why}. Newest version: {population.Histories[seen.User].Newest}.")));
    }

    private static string Seconds(long ticks) => (ticks / (double)TimeSpan.TicksPerSecond).ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>How an instance is set up, as far as what it promises depends on it.</summary>
/// <param name="MaxStaleness">The bound.</param>
/// <param name="MaxUnseenDelete">Where its feed shows no deletes: the bound for those; null where it does.</param>
internal sealed record Promises(TimeSpan MaxStaleness, TimeSpan? MaxUnseenDelete);

/// <summary>A broken promise.</summary>
/// <param name="Promise">Which one: G1, G2, G3, or in words.</param>
/// <param name="Text">Everything about it that is known.</param>
internal sealed record Violation(string Promise, string Text);
