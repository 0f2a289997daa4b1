using System.Globalization;
using Lookup.Soak.Load;

namespace Lookup.Soak.Checking;

/// <summary>Checks every response against G1 to G3 of docs/consistency.md.</summary>
/// <param name="population">The versions that were written, with their times.</param>
/// <param name="promises">The bounds of each instance.</param>
/// <param name="lags">The replica lags and their times.</param>
/// <param name="report">Receives the violations.</param>
internal sealed class Checker(Population population, IReadOnlyList<Promises> promises, LagLog lags, Action<Violation> report)
{
    /// <summary>The undetected difference between the two clocks of an instance, plus the resolution of the clock here.</summary>
    private const long Slack = 2 * TimeSpan.TicksPerMillisecond;

    /// <summary>The time after the end of a lag during which a poll that it delayed may still count.</summary>
    private const long LagTail = TimeSpan.TicksPerSecond;

    private long _checked;
    private long _greatestStaleness;

    /// <summary>Gets the number of checked users, counted once for each response.</summary>
    public long Checked => Interlocked.Read(ref _checked);

    /// <summary>
    /// Gets the longest time by which a fresh response was behind the acknowledgment of a newer version, measured at the start of its
    /// request. Only instances whose feed shows deletes are included.
    /// </summary>
    public TimeSpan GreatestStaleness => TimeSpan.FromTicks(Interlocked.Read(ref _greatestStaleness));

    public void Check(in Observation seen)
    {
        Interlocked.Increment(ref _checked);
        var history = population.Histories[seen.User];
        var newest = history.Newest;

        // A 404 does not identify the absence that was seen. The check against the bound assumes the latest one; the version that later
        // responses are compared with assumes the earliest possible one.
        var version = seen.Version == Observation.Absent ? history.LastAbsence(0, newest) : seen.Version;
        if (version > newest || (seen.Version != Observation.Absent && history.IsAbsent(version)) || history.SentAt(version) > seen.Ended)
        {
            Report("invention", seen, "no writer had written that version");
            return;
        }

        if (version < seen.DeliveredBefore)
            Report("G3", seen, Invariant($"version {seen.DeliveredBefore} had been received from this instance before the request began"));
        CheckEviction(seen, history, version);
        CheckAge(seen, history, version);
        seen.Life.Deliver(
            seen.User, seen.Version == Observation.Absent ? history.FirstAbsence(seen.DeliveredBefore) : version);
    }

    /// <summary>Determines whether a response must list a user under an address, given the versions that the response may show.</summary>
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
        Report("G1", seen, $"has had {address} for longer than the bound allows, and was not listed");

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

    /// <summary>Returns the allowed staleness and the allowance beyond it, or null if any staleness is allowed.</summary>
    private (long Staleness, long Beyond)? Bound(in Observation seen)
    {
        var promise = promises[seen.Life.Instance].MaxStaleness;
        var asked = seen.Directives;
        var onError = asked.StaleIfError ?? TimeSpan.Zero;
        var onRequest = asked.MaxStale ?? TimeSpan.Zero;
        var allowed = seen.IsJoint ? (onError > onRequest ? onError : onRequest) : seen.IsInsteadOfError ? onError : onRequest;

        // The result of a read that took longer than MaxStaleness is stale on arrival. It is marked so, but is as new as any read can be.
        var isLateRead = seen.IsByRead && !seen.IsInsteadOfError && (!seen.IsJoint || allowed == TimeSpan.Zero);
        if (!seen.IsStale || isLateRead)
            return (asked.Freshness(promise, seen.IsInsteadOfError).Ticks, 0);
        if (asked.MaxStale == TimeSpan.MaxValue)
            return null;
        if (allowed == TimeSpan.Zero)
            Report("G1", seen, "it is marked as stale, which the request did not allow");
        return (promise.Ticks, allowed.Ticks);
    }

    /// <summary>Returns the oldest version that the response may contain.</summary>
    private int Required(in Observation seen, UserHistory history, long staleness, long beyond)
    {
        var from = seen.Began - staleness - beyond;
        var visible = history.AcknowledgedBy(from - LagAt(from, seen.Ended) - Slack);
        if (promises[seen.Life.Instance].MaxUnseenDelete is not { } unseen || seen.Directives.NoCache)
            return visible;
        if (history.LastAbsence(visible + 1, history.Newest) < 0 && !history.IsAbsent(visible))
            return visible;

        // After the last absence that this feed may have hidden, only the bound for unseen deletes applies.
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
        var what = seen.Version == Observation.Absent ? "'no such user'" : Invariant($"version {seen.Version}");
        report(new Violation(promise, Invariant(
            $"{population.Ids[seen.User]}: {what} from instance {seen.Life.Instance} (life {seen.Life.Number}), request [{seen.Directives.Text}] from {Seconds(seen.Began)} s to {Seconds(seen.Ended)} s, stale={seen.IsStale}, store-failed={seen.IsInsteadOfError}: {why}. Newest version: {population.Histories[seen.User].Newest}.")));
    }

    private static string Seconds(long ticks) => (ticks / (double)TimeSpan.TicksPerSecond).ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>The settings of an instance that determine its guarantees.</summary>
/// <param name="MaxStaleness">The bound.</param>
/// <param name="MaxUnseenDelete">The bound for deletes if the feed does not show them; otherwise, null.</param>
internal sealed record Promises(TimeSpan MaxStaleness, TimeSpan? MaxUnseenDelete);

/// <summary>A violation of a guarantee.</summary>
/// <param name="Promise">The violated guarantee: G1, G2, G3 or a description.</param>
/// <param name="Text">The details of the violation.</param>
internal sealed record Violation(string Promise, string Text);
