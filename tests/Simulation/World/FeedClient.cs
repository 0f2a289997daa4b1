using System.Globalization;
using Lookup.Domain.Changes;
using Lookup.Domain.Users;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>
/// The change feed as one process reaches it. A position names the ranges it covers and how far each was read; a range that has split
/// is followed into its children.
/// </summary>
internal sealed class FeedClient(
    Database database,
    Session session,
    Machine machine,
    Plan plan,
    Faults faults,
    Chronicle chronicle,
    SimRandom random,
    Freshness freshness) : IChangeFeed
{
    private const string Now = "now";

    private readonly HashSet<FeedPosition> _lost = new(ReferenceEqualityComparer.Instance);
    private readonly Network _network = new(plan, faults, chronicle, random.Fork());

    /// <summary>Polls that were not answered yet.</summary>
    public int Open { get; private set; }

    /// <summary>Polls sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>The epoch in which changes last arrived that cannot be read, or the word that a position is lost.</summary>
    public long EpochOfLoss { get; private set; }

    public ValueTask<IReadOnlyList<FeedPosition>> StartAsync(CancellationToken cancellationToken)
    {
        var call = new Call<IReadOnlyList<FeedPosition>>(machine, _ => { }, cancellationToken);
        faults.Scheduler.After(OneWay(), () =>
        {
            if (IsDown())
            {
                call.Arrive(new UserStoreException(UserStoreFailure.Unavailable, "simulated"));
                return;
            }

            FeedPosition[] positions = [.. database.Leaves.Select(range => new FeedPosition(Name(range.First, range.End), Now))];
            chronicle.Note(Happening.FeedStarted, machine.Number, positions.Length);
            faults.Scheduler.After(OneWay(), () => call.Arrive(positions, static () => { }));
        });
        return call.Answer;
    }

    public ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        var (first, end) = Users(position.Range);
        Open++;
        Sent++;
        chronicle.Note(Happening.PollSent, machine.Number, first, end);
        var call = new Call<FeedPage>(machine, Ended, cancellationToken);
        if (faults.AreOn && random.Chance(plan.PollStalls))
        {
            chronicle.Note(Happening.PollStalled, machine.Number, first, end);
            return call.Answer;
        }

        faults.Scheduler.After(OneWay(), () => Serve(position, first, end, call));
        return call.Answer;

        void Ended(bool givenUp)
        {
            Open--;
            if (givenUp)
                chronicle.Note(Happening.PollGivenUp, machine.Number, first, end);
        }
    }

    private void Serve(FeedPosition position, int first, int end, Call<FeedPage> call)
    {
        if (IsDown() || (faults.AreOn && random.Chance(plan.PollErrors)))
        {
            chronicle.Note(Happening.PollFailed, machine.Number, first, end);
            faults.Scheduler.After(OneWay(), () => call.Arrive(new UserStoreException(UserStoreFailure.Unavailable, "simulated")));
            return;
        }

        // A position that is lost stays so: else nothing would have been.
        if (_lost.Contains(position) || (faults.AreOn && random.Chance(plan.FeedGaps)))
        {
            _lost.Add(position);
            chronicle.Note(Happening.FeedGap, machine.Number, first, end);
            faults.Scheduler.After(OneWay(), () => call.Arrive(new FeedGapException("simulated")));
            return;
        }

        var parts = position.Token == Now ? SettleNow(first, end) : Parts(position.Token);
        var (page, reached) = position.Token == Now ? (Empty(position.Range, parts), parts) : Read(position.Range, parts);
        var what = page.EndReached ? Happening.PollEnded : Happening.PollPage;
        chronicle.Note(what, machine.Number, first, end, page.Changes.Count);
        faults.Scheduler.After(OneWay(), () => call.Arrive(page, () =>
        {
            if (page.Unreadable > 0)
                EpochOfLoss = freshness.Epoch;
            foreach (var (range, lsn) in reached)
                session.Raise(range, lsn);
        }));
    }

    /// <summary>
    /// «Now» is settled by this answer, anywhere between what the feed shows and what is committed: what it passes over will never be
    /// shown. The session token that comes with the answer covers it.
    /// </summary>
    private List<(PhysicalRange Range, long Lsn)> SettleNow(int first, int end)
    {
        chronicle.Note(Happening.NowSettled, machine.Number, first, end);
        return [.. Leaves(first, end).Select(range => (range, random.Between(range.ShownBy(faults.Scheduler.Now), range.Lsn)))];
    }

    private (FeedPage Page, List<(PhysicalRange Range, long Lsn)> Reached) Read(string name, List<(PhysicalRange Range, long Lsn)> parts)
    {
        var now = faults.Scheduler.Now;
        var changes = new List<UserChange>();
        var reached = new List<(PhysicalRange Range, long Lsn)>();
        var isEnd = true;
        foreach (var (range, position) in parts)
        {
            var shown = range.ShownBy(now);
            var open = Changes(range, position, shown);
            var room = plan.PageSize - changes.Count;
            if (open.Count > room)
            {
                chronicle.Count(Happening.PageCut);
                isEnd = false;
                open.RemoveRange(room, open.Count - room);
                shown = open.Count > 0 ? open[^1].Lsn : position;
            }

            changes.AddRange(open);
            reached.Add((range, Math.Max(shown, position)));
        }

        var next = reached;
        if (changes.Count > 0)
        {
            isEnd &= plan.EndsWithChanges;
            next = MaybeRepeat(parts, reached, changes);
        }

        var unreadable = Spoil(changes);
        if (plan.Reorders)
            Reorder(changes);
        return (new FeedPage(changes, new FeedPosition(name, Text(next)), isEnd, unreadable, 1), reached);
    }

    /// <summary>The changes of a range after a position, up to what the feed shows, in the order of the log.</summary>
    private List<UserChange> Changes(PhysicalRange range, long position, long shown)
    {
        var changes = new List<UserChange>();
        foreach (var record in range.Log)
        {
            if (record.Lsn <= position || record.Lsn > shown || !range.Holds(record.User))
                continue;

            var user = database.Users[record.User];
            var version = user.At(record.Lsn);
            if (!plan.ShowsDeletes)
            {
                if (version.IsAbsent)
                {
                    chronicle.Count(Happening.DeleteNotShown);
                    continue;
                }

                if (user.At(shown) != version)
                {
                    chronicle.Count(Happening.VersionsFolded);
                    continue;
                }
            }

            changes.Add(ChangeOf(user, version));
        }

        return changes;
    }

    public UserChange ChangeOf(UserHistory user, UserVersion version) =>
        new(user.Key, version.Lsn, version.Alternate < 0 ? [] : [database.Alternates[version.Alternate]]);

    /// <summary>Each change is shown at least once: a position may fall back behind what was shown.</summary>
    private List<(PhysicalRange Range, long Lsn)> MaybeRepeat(
        List<(PhysicalRange Range, long Lsn)> before,
        List<(PhysicalRange Range, long Lsn)> after,
        List<UserChange> changes)
    {
        if (!faults.AreOn || !random.Chance(plan.Repeats))
            return after;

        chronicle.Note(Happening.ChangeRepeated, machine.Number, Database.NumberOf(changes[^1].Key), changes[^1].Lsn);
        return [.. after.Select((part, i) => (part.Range, random.Between(before[i].Lsn, part.Lsn)))];
    }

    private int Spoil(List<UserChange> changes)
    {
        if (!faults.AreOn || plan.Unreadable == 0)
            return 0;

        return changes.RemoveAll(change =>
        {
            if (!random.Chance(plan.Unreadable))
                return false;
            chronicle.Note(Happening.ChangeUnreadable, machine.Number, Database.NumberOf(change.Key), change.Lsn);
            return true;
        });
    }

    /// <summary>Order is promised for one user only: changes of different users may swap.</summary>
    private void Reorder(List<UserChange> changes)
    {
        for (var round = 0; round < changes.Count; round++)
        {
            for (var i = 1; i < changes.Count; i++)
            {
                if (changes[i].Key == changes[i - 1].Key || random.Next(2) == 0)
                    continue;
                (changes[i], changes[i - 1]) = (changes[i - 1], changes[i]);
                chronicle.Count(Happening.ChangesReordered);
            }
        }
    }

    private bool IsDown() => faults.AreOn && faults.Scheduler.Now < faults.FeedDownUntil;

    private long OneWay() => _network.OneWay(plan.SlowPolls, Happening.PollSlow);

    private IEnumerable<PhysicalRange> Leaves(int first, int end) =>
        database.Leaves.Where(range => range.First >= first && range.End <= end);

    private List<(PhysicalRange Range, long Lsn)> Parts(string token)
    {
        var parts = new List<(PhysicalRange Range, long Lsn)>();
        foreach (var part in token.Split(';'))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            var range = database.Range(int.Parse(part.AsSpan(0, colon), CultureInfo.InvariantCulture));
            Follow(range, long.Parse(part.AsSpan(colon + 1), CultureInfo.InvariantCulture), parts);
        }

        return parts;
    }

    /// <summary>A range that has split goes on as its children, each from the position of the parent.</summary>
    private void Follow(PhysicalRange range, long lsn, List<(PhysicalRange Range, long Lsn)> parts)
    {
        if (range.Children is not var (lower, upper))
        {
            parts.Add((range, lsn));
            return;
        }

        chronicle.Count(Happening.SplitFollowed);
        Follow(lower, lsn, parts);
        Follow(upper, lsn, parts);
    }

    private static FeedPage Empty(string name, List<(PhysicalRange Range, long Lsn)> parts) =>
        new([], new FeedPosition(name, Text(parts)), true, 0, 1);

    private static string Text(List<(PhysicalRange Range, long Lsn)> parts) =>
        string.Join(';', parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Range.Id}:{part.Lsn}")));

    private static string Name(int first, int end) => string.Create(CultureInfo.InvariantCulture, $"{first}-{end}");

    private static (int First, int End) Users(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return (int.Parse(name.AsSpan(0, dash), CultureInfo.InvariantCulture), int.Parse(name.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }
}
