using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>Reads a page of changes from the log of a physical range.</summary>
internal sealed class ChangeFeedReader(Container container, FeedScope scope, bool withPreviousImages)
{
    public ChangeFeedPage Read(PhysicalRange range, RangePosition position, ChangeFeedStart start, int limit)
    {
        // The common poll finds nothing, and finds that out without taking the writers' lock.
        if (start.AfterLsn >= position.Lsn) return new ChangeFeedPage(null, start.AfterLsn);
        var changes = Collect(range, position, start, limit, out var continueAfter);
        if (changes.Count == 0) return new ChangeFeedPage(null, continueAfter);

        var body = new FeedBody(container.ResourceId, "Documents");
        foreach (var change in changes)
        {
            if (start.AllVersions) AllVersionsItem.Write(body.Next(), change, container.KeyPath, withPreviousImages);
            else change.Document.WriteWithLsn(body.Next());
        }

        return new ChangeFeedPage(body, continueAfter);
    }

    private List<Change> Collect(PhysicalRange range, RangePosition position, ChangeFeedStart start, int limit, out long continueAfter)
    {
        var page = new List<Change>();
        lock (range.Gate)
        {
            if (start.AllVersions && start.AfterLsn < range.Log.ForgottenUpTo)
            {
                throw CosmosErrorException.BadRequest(
                    $"The continuation {start.AfterLsn} is older than the retained changes, which begin after {range.Log.ForgottenUpTo}.");
            }

            foreach (var change in range.Log.After(start.AfterLsn))
            {
                // Later ones are left for the next poll: the answer's headers speak of this position.
                if (change.Lsn > position.Lsn) break;
                if (!(start.AllVersions || change.IsLatestVersion) || change.CommittedAt < start.Since || !scope.Contains(change.Document)) continue;
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
