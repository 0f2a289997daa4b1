using System.Globalization;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>
/// The change feed from the view of one process, which uses it through the adapter and the SDK. A position contains one range and the place
/// in its log up to which it was read. If a range has split, the SDK follows it into its children within one poll, and the page has a position for
/// each child. A poll from several ranges is what the SDK does with a position that the adapter has not divided.
/// </summary>
/// <remarks>
/// The SDK reads the parts one after the other. The first part with changes provides the page, and the other parts are left for the next
/// poll. If a part fails, the poll fails, unless a part before it had no more changes: then the result is "no more changes", and the
/// failure is lost.
/// </remarks>
internal sealed partial class FeedClient(
    Database database,
    Session session,
    Machine machine,
    Plan plan,
    Faults faults,
    History history,
    SimRandom random,
    FreshnessTracker freshness,
    FeedCosts costs,
    bool readsSplitRangesAsOne) : IChangeFeed
{
    private const string Now = "now";

    private readonly HashSet<FeedPosition> _lost = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string Range, FeedEpoch[] Epochs)> _gaps = []; // the epochs in which a poll from a lost position was sent
    private readonly Dictionary<object, FeedEpoch[]> _incomplete = new(ReferenceEqualityComparer.Instance); // by the next positions
    private readonly Dictionary<object, UserVersion[]> _versions = new(ReferenceEqualityComparer.Instance); // by the changes of the page
    private readonly Network _network = new(plan, faults, history, random.Fork());
    private FeedPartitioner? _partitioner;

    /// <summary>Gets the number of polls in flight.</summary>
    public int Open { get; private set; }

    /// <summary>Gets the number of polls sent.</summary>
    public int Sent { get; private set; }

    /// <summary>
    /// Returns an epoch that continues although a position in it was lost, or <see langword="null"/> if there is none.
    /// </summary>
    /// <param name="range">
    /// The range that has handled its lost position, or <see langword="null"/> if all have. Until then, the epoch of a range continues.
    /// </param>
    public FeedEpoch? ContinuedAfterGap(string? range = null) =>
        ContinuedIn(_gaps.Where(gap => range is null || gap.Range == range).SelectMany(gap => gap.Epochs));

    /// <summary>
    /// Returns an epoch that continues although changes of the page could not be parsed, even if the page does not report it; or
    /// <see langword="null"/> if there is none.
    /// </summary>
    public FeedEpoch? ContinuedAfter(in FeedPage page) => _incomplete.TryGetValue(page.Next, out var ended) ? ContinuedIn(ended) : null;

    /// <summary>Returns the versions of the changes of a page.</summary>
    public IReadOnlyList<UserVersion> VersionsOf(in FeedPage page) => _versions.TryGetValue(page.Changes, out var versions) ? versions : [];

    public ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken)
    {
        var call = new Call<FeedStart>(machine, _ => { }, cancellationToken);
        faults.Scheduler.After(OneWay(), () =>
        {
            if (IsDown())
            {
                call.Arrive(new UserStoreException(UserStoreFailure.Unavailable, "simulated"));
                return;
            }

            PhysicalRange[] leaves = [.. database.Leaves];
            var partitioner = new FeedPartitioner(leaves);
            var start = new FeedStart(
                [.. leaves.Select(range => new FeedPosition(Name(range.First, range.End), Now))], plan.IsPartitioned ? partitioner : null);
            history.Note(SimulationEvent.FeedStarted, machine.Number, leaves.Length);
            faults.Scheduler.After(OneWay(), () => call.Arrive(start, () => _partitioner = partitioner));
        });
        return call.Response;
    }

    public ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        var (first, end) = Users(position.Range);
        Open++;
        Sent++;
        history.Note(SimulationEvent.PollSent, machine.Number, first, end);
        var call = new Call<FeedPage>(machine, Ended, cancellationToken);
        if (faults.AreOn && random.Chance(plan.PollStalls))
        {
            history.Note(SimulationEvent.PollStalled, machine.Number, first, end);
            return call.Response;
        }

        FeedEpoch[] sentIn = [freshness.Current[_partitioner!.RangeOf(first)], freshness.Current.All];
        faults.Scheduler.After(OneWay(), () => Serve(position, first, end, call, sentIn));
        return call.Response;

        void Ended(bool isCanceled)
        {
            Open--;
            if (isCanceled)
                history.Note(SimulationEvent.PollCanceled, machine.Number, first, end);
        }
    }

    private void Serve(FeedPosition position, int first, int end, Call<FeedPage> call, FeedEpoch[] sentIn)
    {
        // A lost position remains lost.
        if (_lost.Contains(position) || (faults.AreOn && random.Chance(plan.FeedGaps)))
        {
            _lost.Add(position);
            history.Note(SimulationEvent.FeedGap, machine.Number, first, end);
            faults.Scheduler.After(OneWay(), () => call.Arrive(new FeedGapException("simulated"), () => _gaps.Add((position.Range, sentIn))));
            return;
        }

        if (Read(Parts(position.Token, first, end)) is not var (page, reached))
        {
            history.Note(SimulationEvent.PollFailed, machine.Number, first, end);
            faults.Scheduler.After(OneWay(), () => call.Arrive(new UserStoreException(UserStoreFailure.Unavailable, "simulated")));
            return;
        }

        var what = page.EndReached ? SimulationEvent.PollEnded : SimulationEvent.PollPage;
        history.Note(what, machine.Number, first, end, page.Changes.Count);
        faults.Scheduler.After(OneWay(), () => call.Arrive(page, () =>
        {
            costs.AddPage(first);
            if (page.Unreadable > 0)
                _incomplete[page.Next] = sentIn;

            foreach (var (range, place) in reached)
                session.Raise(range, place);
        }));
    }

    /// <summary>Reads the parts one after the other, like the SDK.</summary>
    /// <param name="parts">
    /// The parts, each with the place up to which it was read, or <see langword="null"/> if its "now" is not determined yet.
    /// </param>
    /// <returns>The page and the places that were reached, or <see langword="null"/> if the poll fails.</returns>
    private (FeedPage Page, List<(PhysicalRange Range, int Place)> Reached)? Read(List<(PhysicalRange Range, int? Place)> parts)
    {
        var next = new List<(PhysicalRange Range, int? Place)>(parts);
        var reached = new List<(PhysicalRange Range, int Place)>();
        for (var i = 0; i < parts.Count; i++)
        {
            var (range, position) = parts[i];
            if (Fails(range))
            {
                if (reached.Count == 0)
                    return null;

                history.Note(SimulationEvent.PartFailureLost, machine.Number, range.First, range.End);
                return (Page([], next, isEnd: readsSplitRangesAsOne, 0, reached), reached);
            }

            if (position is not { } after)
            {
                reached.Add((range, SettleNow(range)));
                next[i] = reached[^1];
                continue;
            }

            var (records, shown, at, isWhole) = ReadPart(range, after);
            reached.Add((range, at));
            next[i] = (range, Math.Max(after, shown));
            if (records.Count == 0)
                continue;

            next[i] = (range, MaybeRepeat(after, shown, records));
            var unreadable = Spoil(records);
            if (plan.Reorders)
                Reorder(records);
            return (Page(records, next, parts.Count == 1 && isWhole && plan.EndsWithChanges, unreadable, [reached[^1]]), reached);
        }

        // Every part has responded. The adapter accepts this as the end only for a single part, and reads several parts again separately.
        return (Page([], next, parts.Count == 1 || readsSplitRangesAsOne, 0, reached), reached);
    }

    private bool Fails(PhysicalRange range) =>
        faults.AreOn && (faults.IsFeedDown || faults.IsFeedDownIn(range) || random.Chance(plan.PollErrors));

    /// <summary>
    /// Determines "now" for this response, anywhere between the changes that the feed returns and those that are committed. Changes before
    /// "now" are never returned. The session token of the response covers them.
    /// </summary>
    private int SettleNow(PhysicalRange range)
    {
        history.Note(SimulationEvent.NowSettled, machine.Number, range.First, range.End);
        return (int)random.Between(range.ShownBy(faults.Scheduler.Now), range.Log.Count);
    }

    private bool IsDown() => faults.AreOn && faults.IsFeedDown;

    private FeedEpoch? ContinuedIn(IEnumerable<FeedEpoch> ended) => ended.FirstOrDefault(freshness.Current.Contains);

    private long OneWay() => _network.OneWay(plan.SlowPolls, SimulationEvent.PollSlow);

    private List<(PhysicalRange Range, int? Place)> Parts(string token, int first, int end)
    {
        if (token == Now)
            return [.. database.Leaves.Where(range => range.First >= first && range.End <= end).OrderBy(range => range.First).Select(range => (range, (int?)null))];

        var parts = new List<(PhysicalRange Range, int? Place)>();
        foreach (var part in token.Split(';'))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            var range = database.Range(int.Parse(part.AsSpan(0, colon), CultureInfo.InvariantCulture));
            Follow(range, part.EndsWith(Now, StringComparison.Ordinal) ? null : int.Parse(part.AsSpan(colon + 1), CultureInfo.InvariantCulture), parts);
        }

        return parts;
    }

    /// <summary>Adds a range or, if it has split, its children, each at the position of the parent.</summary>
    private void Follow(PhysicalRange range, int? place, List<(PhysicalRange Range, int? Place)> parts)
    {
        if (range.Children is not var (lower, upper))
        {
            parts.Add((range, place));
            return;
        }

        history.Count(SimulationEvent.SplitFollowed);
        Follow(lower, place, parts);
        Follow(upper, place, parts);
    }

    private static string Text((PhysicalRange Range, int? Place) part) =>
        string.Create(CultureInfo.InvariantCulture, $"{part.Range.Id}:{part.Place?.ToString(CultureInfo.InvariantCulture) ?? Now}");

    private static string Name(int first, int end) => string.Create(CultureInfo.InvariantCulture, $"{first}-{end}");

    private static (int First, int End) Users(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return (int.Parse(name.AsSpan(0, dash), CultureInfo.InvariantCulture), int.Parse(name.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }
}
