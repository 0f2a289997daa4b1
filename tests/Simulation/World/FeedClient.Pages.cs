using Lookup.Domain.Feed;
using Lookup.Domain.Users;
using Lookup.Simulation.Checking;

namespace Lookup.Simulation.World;

// The contents of a page: the changes that the feed shows, and what faults do to them.
internal sealed partial class FeedClient
{
    /// <summary>
    /// Returns the changes of one part that fit into a page, the place after the last one, the place that the replica has reached, and whether
    /// these are all changes.
    /// </summary>
    private (List<PhysicalRange.Record> Records, int Shown, int Reached, bool IsWhole) ReadPart(PhysicalRange range, int position)
    {
        var shown = ShownBySomeReplica(range, position);
        var reached = shown;
        var places = Changes(range, position, shown);
        var isWhole = places.Count <= plan.PageSize;
        if (!isWhole)
        {
            history.Count(SimulationEvent.PageCut);
            places.RemoveRange(plan.PageSize, places.Count - plan.PageSize);
            shown = places[^1] + 1;
        }

        return ([.. places.Select(place => range.Log[place])], shown, reached, isWhole);
    }

    /// <summary>
    /// Returns the place up to which a replica shows the log. A replica that lags can be before the position of the reader, unless the session
    /// prevents it.
    /// </summary>
    private int ShownBySomeReplica(PhysicalRange range, int position)
    {
        var shown = Math.Max(range.ShownBy(faults.Scheduler.Now), position);
        if (!plan.FeedLags)
            return shown;

        var applied = range.AppliedBy(random.Next(PhysicalRange.Replicas), faults.Scheduler.Now);
        var replica = Math.Min(shown, Math.Max(applied, session.Of(range)));
        if (replica < position)
            history.Count(SimulationEvent.PageBehind);
        return replica;
    }

    /// <summary>Creates a page. The adapter divides the position of the SDK into one for each part.</summary>
    private FeedPage Page(
        List<PhysicalRange.Record> records,
        List<(PhysicalRange Range, int? Place)> next,
        bool isEnd,
        int unreadable,
        List<(PhysicalRange Range, int Place)> reached)
    {
        // Only a page that one part has returned names a partition.
        var position = plan.ReturnsReadLsns && reached is [var (range, place)] ? range.PositionOf(place) : default;
        UserChange[] changes = [.. records.Select(record => ChangeOf(record) with { Partition = position.Partition })];
        _versions[changes] = [.. records.Select(record => record.Version)];
        FeedPosition[] positions = readsSplitRangesAsOne
            ? [new FeedPosition(Name(next[0].Range.First, next[^1].Range.End), string.Join(';', next.Select(Text)))]
            : [.. next.Select(part => new FeedPosition(Name(part.Range.First, part.Range.End), Text(part)))];
        return new FeedPage(changes, positions, isEnd, unreadable, plan.PageCharge) { Position = position };
    }

    /// <summary>Returns the places of the changes of a range after a position, up to the last one that the feed returns.</summary>
    private List<int> Changes(PhysicalRange range, int position, int shown)
    {
        var places = new List<int>();
        for (var place = position; place < shown; place++)
        {
            var record = range.Log[place];
            if (!range.Holds(record.User))
                continue;

            if (!plan.ShowsDeletes)
            {
                if (record.Version.IsAbsent)
                {
                    history.Count(SimulationEvent.DeleteNotShown);
                    continue;
                }

                if (range.Find(record.User, shown) != record)
                {
                    history.Count(SimulationEvent.VersionsFolded);
                    continue;
                }
            }

            places.Add(place);
        }

        return places;
    }

    private UserChange ChangeOf(PhysicalRange.Record record) => ChangeOf(record.Version, record.Lsn) with
    {
        Document = plan.ShowsDocuments && !record.Version.IsAbsent ? DocumentOf(record, faults.Scheduler.Now) : null,
    };

    /// <summary>The document is that of the response, whenever it is parsed.</summary>
    private static Func<UserDocument?> DocumentOf(PhysicalRange.Record record, long now)
    {
        var document = record.Version.Document(now, record.Lsn, isFromFeed: true);
        return () => document;
    }

    /// <summary>Returns a change without its document and its partition, as a trigger receives it.</summary>
    public static UserChange ChangeOf(UserVersion version, long lsn) =>
        new(version.User.Key, lsn, version.Key is { } key ? [key] : []);

    /// <summary>Moves a position back at random, because the feed returns each change at least once.</summary>
    private int MaybeRepeat(int before, int after, List<PhysicalRange.Record> records)
    {
        if (!faults.AreOn || !random.Chance(plan.Repeats))
            return after;

        history.Note(SimulationEvent.ChangeRepeated, machine.Number, records[^1].User, records[^1].Lsn);
        return (int)random.Between(before, after);
    }

    private int Spoil(List<PhysicalRange.Record> records)
    {
        if (!faults.AreOn || plan.Unreadable == 0)
            return 0;

        return records.RemoveAll(record =>
        {
            if (!random.Chance(plan.Unreadable))
                return false;
            history.Note(SimulationEvent.ChangeUnreadable, machine.Number, record.User, record.Lsn);
            return true;
        });
    }

    /// <summary>Swaps changes of different users at random, because order is guaranteed only for the changes of one user.</summary>
    private void Reorder(List<PhysicalRange.Record> records)
    {
        for (var round = 0; round < records.Count; round++)
        {
            for (var i = 1; i < records.Count; i++)
            {
                if (records[i].User == records[i - 1].User || random.Next(2) == 0)
                    continue;
                (records[i], records[i - 1]) = (records[i - 1], records[i]);
                history.Count(SimulationEvent.ChangesReordered);
            }
        }
    }
}
