using System.Globalization;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>
/// The change feed as one process reaches it, through the adapter and the SDK below it. A position names one range and how far it was
/// read. The SDK follows a range that has split into its children within one poll, which leads on to a position for each; a poll from
/// several of them is what the SDK would make of a position that the adapter had not taken apart.
/// </summary>
/// <remarks>
/// The SDK asks the parts by turns. Changes in one part are the answer, and the other parts are left for the next poll. If a part fails
/// the poll fails, unless a part before it had no more changes: then the answer is "no more changes", and the failure is lost.
/// </remarks>
internal sealed class FeedClient(
    Database database,
    Session session,
    Machine machine,
    Plan plan,
    Faults faults,
    Chronicle chronicle,
    SimRandom random,
    FreshnessTracker freshness,
    bool readsSplitRangesAsOne) : IChangeFeed
{
    private const string Now = "now";

    private readonly HashSet<FeedPosition> _lost = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _incomplete = new(ReferenceEqualityComparer.Instance); // by where they lead on to
    private readonly Network _network = new(plan, faults, chronicle, random.Fork());

    /// <summary>Polls that were not answered yet.</summary>
    public int Open { get; private set; }

    /// <summary>Polls sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>The epoch in which changes last arrived that cannot be read, or the word that a position is lost.</summary>
    public long EpochOfLoss { get; private set; }

    /// <summary>The latest epoch in which a poll was sent whose position is lost.</summary>
    public long EpochOfGap { get; private set; }

    /// <summary>Returns whether the page has changes that could not be read, whether or not it says so.</summary>
    public bool IsIncomplete(in FeedPage page) => _incomplete.Contains(page.Next);

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

        var sentIn = freshness.Epoch;
        faults.Scheduler.After(OneWay(), () => Serve(position, first, end, call, sentIn));
        return call.Answer;

        void Ended(bool givenUp)
        {
            Open--;
            if (givenUp)
                chronicle.Note(Happening.PollGivenUp, machine.Number, first, end);
        }
    }

    private void Serve(FeedPosition position, int first, int end, Call<FeedPage> call, long sentIn)
    {
        // A position that is lost stays so: else nothing would have been.
        if (_lost.Contains(position) || (faults.AreOn && random.Chance(plan.FeedGaps)))
        {
            _lost.Add(position);
            EpochOfGap = Math.Max(EpochOfGap, sentIn);
            chronicle.Note(Happening.FeedGap, machine.Number, first, end);
            faults.Scheduler.After(OneWay(), () => call.Arrive(new FeedGapException("simulated")));
            return;
        }

        if (Read(Parts(position.Token, first, end)) is not { } answer)
        {
            chronicle.Note(Happening.PollFailed, machine.Number, first, end);
            faults.Scheduler.After(OneWay(), () => call.Arrive(new UserStoreException(UserStoreFailure.Unavailable, "simulated")));
            return;
        }

        var (page, reached) = answer;
        var what = page.EndReached ? Happening.PollEnded : Happening.PollPage;
        chronicle.Note(what, machine.Number, first, end, page.Changes.Count);
        faults.Scheduler.After(OneWay(), () => call.Arrive(page, () =>
        {
            if (page.Unreadable > 0)
            {
                EpochOfLoss = freshness.Epoch;
                _incomplete.Add(page.Next);
            }

            foreach (var (range, lsn) in reached)
                session.Raise(range, lsn);
        }));
    }

    /// <summary>Asks the parts by turns, as the SDK does. <see langword="null"/> if the poll fails.</summary>
    /// <param name="parts">Each part, with how far it was read; <see langword="null"/> for one whose "Now" is not settled yet.</param>
    private (FeedPage Page, List<(PhysicalRange Range, long Lsn)> Reached)? Read(List<(PhysicalRange Range, long? Lsn)> parts)
    {
        var next = new List<(PhysicalRange Range, long? Lsn)>(parts);
        var reached = new List<(PhysicalRange Range, long Lsn)>();
        for (var i = 0; i < parts.Count; i++)
        {
            var (range, position) = parts[i];
            if (Fails(range))
            {
                if (reached.Count == 0)
                    return null;

                chronicle.Note(Happening.PartFailureLost, machine.Number, range.First, range.End);
                return (Page([], next, isEnd: readsSplitRangesAsOne, 0), reached);
            }

            if (position is not { } after)
            {
                reached.Add((range, SettleNow(range)));
                next[i] = reached[^1];
                continue;
            }

            var (changes, shown, isWhole) = ReadPart(range, after);
            reached.Add((range, shown));
            next[i] = reached[^1];
            if (changes.Count == 0)
                continue;

            next[i] = (range, MaybeRepeat(after, shown, changes));
            var unreadable = Spoil(changes);
            if (plan.Reorders)
                Reorder(changes);
            return (Page(changes, next, parts.Count == 1 && isWhole && plan.EndsWithChanges, unreadable), reached);
        }

        // Heard from every part. The adapter believes it of one part only; the others are asked again, each by itself.
        return (Page([], next, parts.Count == 1 || readsSplitRangesAsOne, 0), reached);
    }

    private bool Fails(PhysicalRange range) =>
        faults.AreOn && (faults.IsFeedDown || faults.IsFeedDownIn(range) || random.Chance(plan.PollErrors));

    /// <summary>
    /// "Now" is settled by this answer, anywhere between what the feed shows and what is committed: what it passes over will never be
    /// shown. The session token that comes with the answer covers it.
    /// </summary>
    private long SettleNow(PhysicalRange range)
    {
        chronicle.Note(Happening.NowSettled, machine.Number, range.First, range.End);
        return random.Between(range.ShownBy(faults.Scheduler.Now), range.Lsn);
    }

    /// <summary>The changes of one part that fit into a page, how far they go, and whether they are all there are.</summary>
    private (List<UserChange> Changes, long Shown, bool IsWhole) ReadPart(PhysicalRange range, long position)
    {
        var shown = Math.Max(range.ShownBy(faults.Scheduler.Now), position);
        var changes = Changes(range, position, shown);
        if (changes.Count <= plan.PageSize)
            return (changes, shown, true);

        chronicle.Count(Happening.PageCut);
        changes.RemoveRange(plan.PageSize, changes.Count - plan.PageSize);
        return (changes, changes[^1].Lsn, false);
    }

    /// <summary>The adapter takes the SDK's position apart: one for each part.</summary>
    private FeedPage Page(List<UserChange> changes, List<(PhysicalRange Range, long? Lsn)> next, bool isEnd, int unreadable)
    {
        if (readsSplitRangesAsOne)
        {
            var whole = new FeedPosition(Name(next[0].Range.First, next[^1].Range.End), string.Join(';', next.Select(Text)));
            return new FeedPage(changes, [whole], isEnd, unreadable, 1);
        }

        return new FeedPage(changes, [.. next.Select(part => new FeedPosition(Name(part.Range.First, part.Range.End), Text(part)))], isEnd, unreadable, 1);
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
    private long MaybeRepeat(long before, long after, List<UserChange> changes)
    {
        if (!faults.AreOn || !random.Chance(plan.Repeats))
            return after;

        chronicle.Note(Happening.ChangeRepeated, machine.Number, Database.NumberOf(changes[^1].Key), changes[^1].Lsn);
        return random.Between(before, after);
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

    private bool IsDown() => faults.AreOn && faults.IsFeedDown;

    private long OneWay() => _network.OneWay(plan.SlowPolls, Happening.PollSlow);

    private List<(PhysicalRange Range, long? Lsn)> Parts(string token, int first, int end)
    {
        if (token == Now)
            return [.. database.Leaves.Where(range => range.First >= first && range.End <= end).OrderBy(range => range.First).Select(range => (range, (long?)null))];

        var parts = new List<(PhysicalRange Range, long? Lsn)>();
        foreach (var part in token.Split(';'))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            var range = database.Range(int.Parse(part.AsSpan(0, colon), CultureInfo.InvariantCulture));
            Follow(range, part.EndsWith(Now, StringComparison.Ordinal) ? null : long.Parse(part.AsSpan(colon + 1), CultureInfo.InvariantCulture), parts);
        }

        return parts;
    }

    /// <summary>A range that has split goes on as its children, each from the position of the parent.</summary>
    private void Follow(PhysicalRange range, long? lsn, List<(PhysicalRange Range, long? Lsn)> parts)
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

    private static string Text((PhysicalRange Range, long? Lsn) part) =>
        string.Create(CultureInfo.InvariantCulture, $"{part.Range.Id}:{part.Lsn?.ToString(CultureInfo.InvariantCulture) ?? Now}");

    private static string Name(int first, int end) => string.Create(CultureInfo.InvariantCulture, $"{first}-{end}");

    private static (int First, int End) Users(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return (int.Parse(name.AsSpan(0, dash), CultureInfo.InvariantCulture), int.Parse(name.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }
}
