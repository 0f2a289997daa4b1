using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Simulation.Runs;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Checking;

/// <summary>The check of each result against all versions of the users and the times at which they were visible.</summary>
internal sealed class Oracle(Database database, Plan plan, History history, Action<Violation> report)
{
    private readonly Visibility _visibility = new(plan);
    private readonly long _timeLimit = TimeLimitOf(plan);
    private int _requests;

    public Request Begin(Instance instance, int[] users, int alternate, ReadDirectives directives)
    {
        var request = new Request
        {
            Number = _requests++,
            Directives = directives,
            Users = users,
            Alternate = alternate,
            Began = database.Now,
            BeganRunning = instance.Machine.RunningTime,
            EvictedFor = (int[])instance.Record.EvictedFor.Clone(),
            Delivered = (int[])instance.Record.Delivered.Clone(),
        };
        instance.Requests.Add(request);
        instance.Costs.AddLookup(KeysOf(request), instance.Freshness.Clock.Now);
        return request;
    }

    public void Ended(Instance instance, Request request)
    {
        instance.Requests.Remove(request);
        var took = instance.Machine.RunningTime - request.BeganRunning;
        if (took > _timeLimit)
            report(new Violation(Guarantee.EveryRequestEnds, $"Lookup #{request.Number} took {Milliseconds(took)} ms; the total of its deadlines is {Milliseconds(_timeLimit)} ms."));
    }

    /// <summary>Records that a request failed, so that its users are read again for the next one.</summary>
    public void Failed(Instance instance, Request request) => instance.Costs.Forget(KeysOf(request));

    /// <summary>Reports a request that should have ended by now.</summary>
    public void CheckOpen(Instance instance)
    {
        foreach (var request in instance.Requests)
        {
            if (instance.Machine.RunningTime - request.BeganRunning > _timeLimit)
            {
                report(new Violation(Guarantee.EveryRequestEnds, $"Lookup #{request.Number} has not ended after {Milliseconds(_timeLimit)} ms."));
                return;
            }
        }
    }

    public void Check(Instance instance, Request request, int user, in LookupResult result)
    {
        Note(instance, request, user, result);
        if (result.Status == LookupStatus.NotCached)
        {
            if (!request.Directives.OnlyIfCached)
                report(new Violation(Guarantee.FailsOnlyAsDocumented, $"Lookup #{request.Number} without only-if-cached got \"not cached\"."));
            return;
        }

        CheckVersion(instance, request, user, result.Document, result);
    }

    public void CheckFound(Instance instance, Request request, in FindResult result)
    {
        history.Note(SimulationEvent.FoundByAlternate, instance.Machine.Number, request.Number, request.Alternate, result.Users.Count);
        if (result.Summary.Status == LookupStatus.NotCached)
            return;

        var key = database.Alternates[request.Alternate];
        var listed = new bool[database.Users.Length];
        foreach (var document in result.Users)
        {
            var user = UserHistory.Identify(document).Number;
            listed[user] = true;
            if (!document.Has(key))
                report(new Violation(Guarantee.G1Bounded, $"Lookup #{request.Number} lists u{user}, whose document does not have the key."));
            CheckVersion(instance, request, user, document, result.Summary);
        }

        var (staleness, beyond) = Bounds(request, result.Summary);
        foreach (var user in database.Users)
        {
            if (listed[user.Number] || staleness < 0)
                continue;

            var mustBeThere = true;
            for (var i = _visibility.Required(user, request.Began, staleness, beyond); i <= user.Newest.Index && mustBeThere; i++)
                mustBeThere = user[i].Alternate == request.Alternate;
            if (mustBeThere)
                report(new Violation(Guarantee.G1Bounded, $"Lookup #{request.Number} does not list u{user.Number}, which has had alternate key {request.Alternate} for longer than the staleness bound."));
        }
    }

    /// <summary>Checks that a lookup after the end of all faults and writes returned the newest version.</summary>
    public void CheckNewest(Request request, int user, in LookupResult result)
    {
        // With places for very few reads, the lookups of this check may prevent each other from being sent.
        if (result.IsInsteadOfError)
            return;

        var newest = database.Users[user].Newest;
        var isNewest = result.Document is { } document ? UserHistory.IndexOf(document) == newest.Index : newest.IsAbsent;
        if (!isNewest)
            report(new Violation(Guarantee.Recovers, $"After the end of all faults, lookup #{request.Number} got {Describe(result.Document)} of u{user}; the newest is {newest.Index}."));
    }

    /// <summary>Returns what a request looks up: its users, or its hint and the users that have the alternate key.</summary>
    private IEnumerable<int> KeysOf(Request request) => request.Alternate < 0
        ? request.Users
        : database.Users.Where(user => user.Newest.Alternate == request.Alternate).Select(user => user.Number).Prepend(-1 - request.Alternate);

    private void CheckVersion(Instance instance, Request request, int user, UserDocument? document, in LookupResult result)
    {
        var versions = database.Users[user];

        // A "no such user" result does not identify the absence that was read. The latest absence is assumed when this result is checked
        // for being too old, and the earliest possible one when later results are compared with it.
        var version = document is null ? versions.LastAbsence(0, versions.Newest.Index) : UserHistory.IndexOf(document);
        var what = Describe(document);
        if (version < request.EvictedFor[user])
            report(new Violation(Guarantee.G2NoResurrection, $"Lookup #{request.Number} got {what} of u{user}; it began after the eviction for version {request.EvictedFor[user]}."));
        if (version < request.Delivered[user])
            report(new Violation(Guarantee.G3Monotonic, $"Lookup #{request.Number} got {what} of u{user}; version {request.Delivered[user]} had been delivered before it began."));

        if (!result.IsStale && !result.IsInsteadOfError && versions[version].Successor is { } end && request.Began - (2 * TimeSpan.TicksPerMillisecond) > end.Committed)
            report(new Violation(Guarantee.G1Bounded, $"Lookup #{request.Number} got {what} of u{user}, whose time to live was over before it began."));

        var (staleness, beyond) = Bounds(request, result);
        if (staleness >= 0)
        {
            var required = _visibility.Required(versions, request.Began, staleness, beyond);
            if (version < required)
                report(new Violation(Guarantee.G1Bounded, $"Lookup #{request.Number} got {what} of u{user}; it must reflect version {required}: it may be {Milliseconds(staleness + beyond)} ms stale."));
        }

        var minVersion = Math.Max(request.EvictedFor[user], request.Delivered[user]);
        instance.Record.Deliver(user, document is null ? versions.FirstAbsence(minVersion) : version);
    }

    /// <summary>
    /// Returns the staleness that a result may have under the guarantee, or −1 for any staleness, and the time by which it may exceed that.
    /// </summary>
    private (long Staleness, long Beyond) Bounds(Request request, in LookupResult result)
    {
        var maxStaleness = plan.Cache.MaxStaleness.Ticks;
        var directives = request.Directives;
        if (!result.IsStale)
        {
            if (result.IsInsteadOfError)
                return (maxStaleness, 0);
            return (directives.NoCache ? 0 : Math.Min(maxStaleness, directives.MaxAge?.Ticks ?? maxStaleness), 0);
        }

        var onError = (directives.StaleIfError ?? plan.Cache.StaleIfError).Ticks;
        var asked = directives.MaxStale ?? TimeSpan.Zero;
        if (asked == TimeSpan.MaxValue)
            return (-1, 0);

        // The parts of a result by alternate key may have been allowed for different reasons.
        var allowed = request.Alternate >= 0 ? Math.Max(asked.Ticks, onError) : result.IsInsteadOfError ? onError : asked.Ticks;
        if (allowed == 0)
            report(new Violation(Guarantee.G1Bounded, $"Lookup #{request.Number} got a stale result that neither the request nor the options allow."));
        return (maxStaleness, allowed);
    }

    private void Note(Instance instance, Request request, int user, in LookupResult result)
    {
        var version = result.Document is { } document ? UserHistory.IndexOf(document) : -1;
        var what = (result.Status, result.Source) switch
        {
            (LookupStatus.NotCached, _) => SimulationEvent.ResultNotCached,
            (_, LookupSource.Hit) => SimulationEvent.ResultHit,
            (_, LookupSource.Miss) => SimulationEvent.ResultMiss,
            (_, LookupSource.Stale) => SimulationEvent.ResultStale,
            _ => SimulationEvent.ResultRequest,
        };
        history.Note(what, instance.Machine.Number, request.Number, user, version);
        void CountIf(bool condition, SimulationEvent counted)
        {
            if (condition)
                history.Count(counted);
        }

        CountIf(result.Status == LookupStatus.NotFound, SimulationEvent.ResultNotFound);
        CountIf(result.IsCollapsed, SimulationEvent.ResultCollapsed);
        CountIf(result.IsRevalidated, SimulationEvent.ResultRevalidated);
        CountIf(result.IsInsteadOfError, SimulationEvent.ResultInsteadOfError);
        CountIf(result.IsStale, SimulationEvent.ResultServedStale);
        var wasRead = result.Status != LookupStatus.NotCached && result.Source != LookupSource.Hit && !result.IsInsteadOfError;
        CountIf(wasRead && !result.IsStored, SimulationEvent.ResultNotStored);
        CountIf(result.Source == LookupSource.Hit && database.Now > request.Began && request.Alternate < 0 && result.Status != LookupStatus.NotCached, SimulationEvent.ResultAfterCatchUp);
        CountIf(version >= 0 && version < instance.Record.EvictedFor[user], SimulationEvent.ResultFromBeforeEviction);
    }

    private static string Describe(UserDocument? document) =>
        document is null ? "\"no such user\"" : $"version {UserHistory.IndexOf(document)}";

    private static long Milliseconds(long ticks) => ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>
    /// Returns the maximum duration of a request, which is the total of its deadlines: a catch-up and at most three consecutive reads (one
    /// that it joined and that was sent too early, a shared one that was behind, and the repetition of that one alone). A request by
    /// alternate key has these deadlines for the hint and for the users, and again if the hint was wrong.
    /// </summary>
    public static long TimeLimitOf(Plan plan)
    {
        var one = plan.Cache.CatchUpTimeout.Ticks + (3 * plan.Cache.ReadDeadline.Ticks);
        var scheduling = (50 * TimeSpan.TicksPerMillisecond) + (plan.Starvation > 0 ? 20 * plan.StarvedFor : 0);
        return (4 * one) + scheduling;
    }
}

/// <summary>A violation of a guarantee.</summary>
/// <param name="Guarantee">The guarantee.</param>
/// <param name="Text">A description of the violation.</param>
internal sealed record Violation(Guarantee Guarantee, string Text);
