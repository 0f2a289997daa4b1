using Lookup.Emulator.Storage;

namespace Lookup.Emulator.Operations;

/// <summary>One answer's worth of changes.</summary>
/// <param name="Body">Null when there is nothing new.</param>
/// <param name="ContinueAfter">The LSN to continue after.</param>
internal readonly record struct ChangeFeedPage(FeedBody? Body, long ContinueAfter)
{
    public int Count => Body?.Count ?? 0;

    public static ChangeFeedPage Read(
        Container container, PhysicalRange range, RangePosition position, ChangeFeedStart start, FeedScope scope, int limit)
    {
        // The common poll finds nothing, and finds that out without taking the writers' lock.
        if (start.AfterLsn >= position.Lsn) return new ChangeFeedPage(null, start.AfterLsn);
        var page = Collect(range, position, start, scope, limit, out var continueAfter);
        if (page.Count == 0) return new ChangeFeedPage(null, continueAfter);

        var body = new FeedBody(container.ResourceId, "Documents");
        foreach (var change in page) change.Document.WriteWithLsn(body.Next());
        return new ChangeFeedPage(body, continueAfter);
    }

    private static List<Change> Collect(
        PhysicalRange range, RangePosition position, ChangeFeedStart start, FeedScope scope, int limit, out long continueAfter)
    {
        var page = new List<Change>();
        lock (range.Gate)
        {
            foreach (var change in range.Log.After(start.AfterLsn))
            {
                // Later ones are left for the next poll: the answer's headers speak of this position.
                if (change.Lsn > position.Lsn) break;
                if (!change.IsLatestVersion || change.CommittedAt < start.Since || !scope.Contains(change.Document)) continue;
                if (page.Count == limit)
                {
                    continueAfter = page[^1].Lsn;
                    return page;
                }

                page.Add(change);
            }
        }

        continueAfter = position.Lsn;
        return page;
    }
}
