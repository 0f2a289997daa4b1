using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Simulation.Runs;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Checking;

/// <summary>Knows every version of every user and when it was visible, and judges each answer by it.</summary>
internal sealed class Oracle(Database database, Plan plan, Chronicle chronicle, Action<Violation> report)
{
    private readonly Visibility _visibility = new(plan);
    private readonly long _patience = PatienceOf(plan);
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
        return request;
    }

    public void Ended(Instance instance, Request request)
    {
        instance.Requests.Remove(request);
        var took = instance.Machine.RunningTime - request.BeganRunning;
        if (took > _patience)
            report(new Violation(Promise.EveryRequestEnds, $"Lookup #{request.Number} took {Milliseconds(took)} ms; its deadlines add up to {Milliseconds(_patience)} ms."));
    }

    /// <summary>Requests that should have ended by now.</summary>
    public void CheckOpen(Instance instance)
    {
        foreach (var request in instance.Requests)
        {
            if (instance.Machine.RunningTime - request.BeganRunning > _patience)
            {
                report(new Violation(Promise.EveryRequestEnds, $"Lookup #{request.Number} has not ended after {Milliseconds(_patience)} ms."));
                return;
            }
        }
    }

    public void Check(Instance instance, Request request, int user, in LookupResult answer)
    {
        Note(instance, request, user, answer);
        if (answer.Status == LookupStatus.NotCached)
        {
            if (!request.Directives.OnlyIfCached)
                report(new Violation(Promise.FailsOnlyAsSaid, $"Lookup #{request.Number} was told «not cached» unasked."));
            return;
        }

        CheckVersion(instance, request, user, answer.Document, answer);
    }

    public void CheckFound(Instance instance, Request request, in FindResult answer)
    {
        chronicle.Note(Happening.FoundByAlternate, instance.Machine.Number, request.Number, request.Alternate, answer.Users.Count);
        if (answer.Summary.Status == LookupStatus.NotCached)
            return;

        var key = database.Alternates[request.Alternate];
        var listed = new bool[database.Users.Length];
        foreach (var document in answer.Users)
        {
            var user = NumberOf(document);
            listed[user] = true;
            if (!document.Has(key))
                report(new Violation(Promise.G1Bounded, $"Lookup #{request.Number} lists u{user}, whose document does not have the key."));
            CheckVersion(instance, request, user, document, answer.Summary);
        }

        var (staleness, beyond) = Bounds(request, answer.Summary);
        foreach (var user in database.Users)
        {
            if (listed[user.Number] || staleness < 0)
                continue;

            var mustBeThere = true;
            for (var i = _visibility.Required(user, request.Began, staleness, beyond); i <= user.Newest.Index && mustBeThere; i++)
                mustBeThere = user[i].Alternate == request.Alternate;
            if (mustBeThere)
                report(new Violation(Promise.G1Bounded, $"Lookup #{request.Number} does not list u{user.Number}, who has had alternate key {request.Alternate} for longer than may pass unnoticed."));
        }
    }

    /// <summary>All is quiet: what is read now must be the newest.</summary>
    public void CheckNewest(Request request, int user, in LookupResult answer)
    {
        // With room for very few reads the lookups of the check may keep each other from being sent.
        if (answer.IsInsteadOfError)
            return;

        var newest = database.Users[user].Newest;
        var isNewest = answer.Document is { } document ? UserHistory.IndexOf(document) == newest.Index : newest.IsAbsent;
        if (!isNewest)
            report(new Violation(Promise.Recovers, $"All is quiet, and lookup #{request.Number} got {Describe(answer.Document)} of u{user}; the newest is {newest.Index}."));
    }

    private void CheckVersion(Instance instance, Request request, int user, UserDocument? document, in LookupResult answer)
    {
        var history = database.Users[user];

        // An answer «no such user» does not say which absence it saw: it is taken for the latest where it must not be too old, and
        // for the earliest possible where later answers are measured by it.
        var version = document is null ? history.LastAbsence(0, history.Newest.Index) : UserHistory.IndexOf(document);
        var what = Describe(document);
        if (version < request.EvictedFor[user])
            report(new Violation(Promise.G2NoResurrection, $"Lookup #{request.Number} got {what} of u{user}; it began after the eviction for version {request.EvictedFor[user]}."));
        if (version < request.Delivered[user])
            report(new Violation(Promise.G3Monotonic, $"Lookup #{request.Number} got {what} of u{user}; version {request.Delivered[user]} had been delivered before it began."));

        var (staleness, beyond) = Bounds(request, answer);
        if (staleness >= 0)
        {
            var required = _visibility.Required(history, request.Began, staleness, beyond);
            if (version < required)
                report(new Violation(Promise.G1Bounded, $"Lookup #{request.Number} got {what} of u{user}; it must reflect version {required}: it may be {Milliseconds(staleness + beyond)} ms stale."));
        }

        var floor = Math.Max(request.EvictedFor[user], request.Delivered[user]);
        instance.Record.Deliver(user, document is null ? history.FirstAbsence(floor) : version);
    }

    /// <summary>How stale an answer may be, and by how much that exceeds the promise; −1 for any staleness.</summary>
    private (long Staleness, long Beyond) Bounds(Request request, in LookupResult answer)
    {
        var promise = plan.Cache.MaxStaleness.Ticks;
        var directives = request.Directives;
        if (!answer.IsStale)
        {
            if (answer.IsInsteadOfError)
                return (promise, 0);
            return (directives.NoCache ? 0 : Math.Min(promise, directives.MaxAge?.Ticks ?? promise), 0);
        }

        var onError = (directives.StaleIfError ?? plan.Cache.StaleIfError).Ticks;
        var asked = directives.MaxStale ?? TimeSpan.Zero;
        if (asked == TimeSpan.MaxValue)
            return (-1, 0);

        // The parts of an answer by alternate key may have been allowed for different reasons.
        var allowed = request.Alternate >= 0 ? Math.Max(asked.Ticks, onError) : answer.IsInsteadOfError ? onError : asked.Ticks;
        if (allowed == 0)
            report(new Violation(Promise.G1Bounded, $"Lookup #{request.Number} got a stale answer that nobody allowed."));
        return (promise, allowed);
    }

    private void Note(Instance instance, Request request, int user, in LookupResult answer)
    {
        var version = answer.Document is { } document ? UserHistory.IndexOf(document) : -1;
        var what = (answer.Status, answer.Origin) switch
        {
            (LookupStatus.NotCached, _) => Happening.AnswerNotCached,
            (_, LookupSource.Hit) => Happening.AnswerHit,
            (_, LookupSource.Miss) => Happening.AnswerMiss,
            (_, LookupSource.Stale) => Happening.AnswerStale,
            _ => Happening.AnswerRequest,
        };
        chronicle.Note(what, instance.Machine.Number, request.Number, user, version);
        void CountIf(bool condition, Happening happening)
        {
            if (condition)
                chronicle.Count(happening);
        }

        CountIf(answer.Status == LookupStatus.NotFound, Happening.AnswerNotFound);
        CountIf(answer.IsCollapsed, Happening.AnswerCollapsed);
        CountIf(answer.IsRevalidated, Happening.AnswerRevalidated);
        CountIf(answer.IsInsteadOfError, Happening.AnswerInsteadOfError);
        CountIf(answer.IsStale, Happening.AnswerServedStale);
        var wasRead = answer.Status != LookupStatus.NotCached && answer.Origin != LookupSource.Hit && !answer.IsInsteadOfError;
        CountIf(wasRead && !answer.IsStored, Happening.AnswerNotKept);
        CountIf(answer.Origin == LookupSource.Hit && database.Now > request.Began && request.Alternate < 0 && answer.Status != LookupStatus.NotCached, Happening.AnswerCaughtUp);
        CountIf(version >= 0 && version < instance.Record.EvictedFor[user], Happening.AnswerFromBeforeEviction);
    }

    private static string Describe(UserDocument? document) =>
        document is null ? "«no such user»" : $"version {UserHistory.IndexOf(document)}";

    private static int NumberOf(UserDocument document) => int.Parse(
        document.ETag.AsSpan(1, document.ETag.IndexOf('.', StringComparison.Ordinal) - 1),
        System.Globalization.CultureInfo.InvariantCulture);

    private static long Milliseconds(long ticks) => ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>
    /// The longest that a request may take: its deadlines, one after the other. A catch-up and at most three reads one after the other (one that it joined and that had left too
    /// early, one for many that was behind and was sent again alone); by alternate key that for the hint and for the users, and
    /// once more where the hint was wrong.
    /// </summary>
    public static long PatienceOf(Plan plan)
    {
        var one = plan.Cache.CatchUpTimeout.Ticks + (3 * plan.Cache.ReadDeadline.Ticks);
        var scheduling = (50 * TimeSpan.TicksPerMillisecond) + (plan.Starvation > 0 ? 20 * plan.StarvedFor : 0);
        return (4 * one) + scheduling;
    }
}

/// <summary>A broken promise.</summary>
/// <param name="Promise">Which one.</param>
/// <param name="Text">How it was broken, in one sentence.</param>
internal sealed record Violation(Promise Promise, string Text);
