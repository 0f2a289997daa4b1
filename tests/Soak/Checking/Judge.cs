using System.Text;
using Lookup.Soak.Load;

namespace Lookup.Soak.Checking;

/// <summary>Derives observations from a response, passes them to the checker, and classifies the response.</summary>
/// <param name="population">The users.</param>
/// <param name="tags">The known entity tags.</param>
/// <param name="checker">The checker of versions.</param>
/// <param name="maxStaleness">The staleness bound of each instance.</param>
/// <param name="report">Receives the violations.</param>
internal sealed class Judge(Population population, KnownTag?[] tags, Checker checker, TimeSpan[] maxStaleness, Action<Violation> report)
{
    /// <summary>
    /// Gets the interval, in responses, at which one response is treated as an older version than it contains. This verifies that the
    /// checks can fail.
    /// </summary>
    public int CorruptEvery { get; init; }

    private long _judged;

    public Outcome Decide(InstanceLife life, PlannedRequest request, PipelinedReader response, long began, long ended)
    {
        var part = CorruptEvery > 0 && Interlocked.Increment(ref _judged) % CorruptEvery == 0 ? 2 : 1;
        var cacheStatus = response.CacheStatus;
        var marks = new Marks(
            began, ended, cacheStatus.IndexOf("ttl=-"u8) >= 0, cacheStatus.IndexOf("store-failed"u8) >= 0, cacheStatus.IndexOf("fwd-status"u8) >= 0);
        if (!marks.IsStale && response.Age > maxStaleness[life.Instance].TotalSeconds)
            report(new Violation("G1", $"A fresh response of instance {life.Instance} has Age: {response.Age}. {Describe(request, response)}"));

        switch (response.Status)
        {
            case 200 when request.Kind == RequestKind.Evict:
                life.Evict(request.User, began);
                return Outcome.Administered;

            case 200 when request.Kind == RequestKind.Clear:
                life.Clear(began);
                return Outcome.Administered;

            case 200 when request.Kind is RequestKind.Batch or RequestKind.Find:
                CheckList(life, request, response, marks);
                break;

            case 200 when request.Kind is RequestKind.Get or RequestKind.Conditional:
                var body = response.Body;
                if (!BodyScan.TryTakeUser(ref body, out var user, out var version, out _) || user != request.User)
                    return Unexplained(request, response, "the body is not that of the requested user");
                Learn(user, version, response.ETag);
                Check(life, request, 0, version / part, marks);
                break;

            case 304 when request.Tag is { } tag:
                if (!response.ETag.SequenceEqual(tag.Tag))
                    return Unexplained(request, response, "304 with an entity tag that was not sent");
                Check(life, request, 0, tag.Version / part, marks);
                return marks.IsStale ? Outcome.ServedStale : Outcome.NotModified;

            default:
                return JudgeProblem(life, request, response, marks);
        }

        if (marks.IsStale)
            return Outcome.ServedStale;
        if (cacheStatus.IndexOf("; hit"u8) >= 0)
            return Outcome.Hit;
        return cacheStatus.IndexOf("collapsed"u8) >= 0 ? Outcome.Collapsed : Outcome.Read;
    }

    private Outcome JudgeProblem(InstanceLife life, PlannedRequest request, PipelinedReader response, in Marks marks)
    {
        var outcome = Outcomes.OfProblem(response.Status, response.Body);
        switch (outcome)
        {
            case Outcome.NoSuchUser when request.Kind == RequestKind.Unknown:
                return marks.IsStale ? Outcome.ServedStale : outcome;

            case Outcome.NoSuchUser when request.Kind is RequestKind.Get or RequestKind.Conditional:
                Check(life, request, 0, Observation.Absent, marks);
                return marks.IsStale ? Outcome.ServedStale : outcome;

            case Outcome.NotCached when request.Directives.OnlyIfCached:
                return outcome;

            case Outcome.NoSuchUser or Outcome.NotCached or Outcome.Unexplained:
                return Unexplained(request, response, "a response that this request cannot receive");

            default:
                return outcome;
        }
    }

    private void CheckList(InstanceLife life, PlannedRequest request, PipelinedReader response, in Marks marks)
    {
        Span<bool> isListed = stackalloc bool[request.Known.Count];
        var body = response.Body;
        while (BodyScan.TryTakeUser(ref body, out var user, out var version, out var address))
        {
            var index = request.Known.FindIndex(known => known.User == user);
            if (index < 0 || isListed[index] || (request.Kind == RequestKind.Find && address != request.Address))
            {
                Unexplained(request, response, $"u{user} is listed, but was not requested");
                return;
            }

            isListed[index] = true;
            checker.Check(Observe(life, request, index, version, marks));
        }

        var missing = BodyScan.MissingOf(response.Body);
        while (BodyScan.TryTakeMissing(ref missing, out var user))
        {
            var index = request.Known.FindIndex(known => known.User == user);
            if (index < 0 || isListed[index])
            {
                Unexplained(request, response, $"u{user} is missing, but was not requested or is listed too");
                return;
            }

            isListed[index] = true;
            checker.Check(Observe(life, request, index, Observation.Absent, marks));
        }

        for (var i = 0; i < isListed.Length; i++)
        {
            if (isListed[i])
                continue;
            if (request.Kind == RequestKind.Batch)
                Unexplained(request, response, $"u{request.Known[i].User} is neither listed nor missing");
            else if (checker.MustHave(Observe(life, request, i, Observation.Absent, marks), request.Address))
                checker.ReportLeftOut(Observe(life, request, i, Observation.Absent, marks), Population.AddressOf(request.Address));
        }
    }

    private void Check(InstanceLife life, PlannedRequest request, int index, int version, in Marks marks) =>
        checker.Check(Observe(life, request, index, version, marks));

    private static Observation Observe(InstanceLife life, PlannedRequest request, int index, int version, in Marks marks) => new()
    {
        Life = life,
        User = request.Known[index].User,
        Version = version,
        Directives = request.Directives,
        Began = marks.Began,
        Ended = marks.Ended,
        DeliveredBefore = request.Known[index].Delivered,
        EvictedBefore = request.Known[index].Evicted,
        IsStale = marks.IsStale,
        IsInsteadOfError = marks.IsInsteadOfError,
        IsByRead = marks.IsByRead,
        IsJoint = request.Kind is RequestKind.Batch or RequestKind.Find,
    };

    private void Learn(int user, int version, ReadOnlySpan<byte> tag)
    {
        var known = tags[user];
        if (known is null || known.Version < version)
            tags[user] = new KnownTag(version, tag.ToArray());
    }

    private Outcome Unexplained(PlannedRequest request, PipelinedReader response, string what)
    {
        report(new Violation("unexplained answer", $"{what}: {Describe(request, response)}"));
        return Outcome.Unexplained;
    }

    private string Describe(PlannedRequest request, PipelinedReader response)
    {
        var about = request.Kind == RequestKind.Find ? Population.AddressOf(request.Address) : request.Kind == RequestKind.Unknown ? "x" : population.Ids[request.User];
        var body = Encoding.UTF8.GetString(response.Body[..Math.Min(300, response.Body.Length)]);
        return $"{request.Kind} {about} [{request.Directives.Text}] received {response.Status} [{Encoding.UTF8.GetString(response.CacheStatus)}] {body}";
    }

    /// <summary>The start and end of a request, and the marks of its response.</summary>
    private readonly record struct Marks(long Began, long Ended, bool IsStale, bool IsInsteadOfError, bool IsByRead);
}
