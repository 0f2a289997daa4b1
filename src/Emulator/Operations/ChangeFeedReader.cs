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

    /// <remarks>
    /// The page is the state at the position, in which a version that was replaced after it still is the latest. If it were left out because
    /// of that, an answer without any other change would say that there was none, though there was one up to the position.
    /// </remarks>
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

            var latest = start.AllVersions ? null : LatestUpTo(range, position.Lsn, start.AfterLsn);
            foreach (var change in range.Log.After(start.AfterLsn))
            {
                // Later ones are left for the next poll: the answer's headers speak of this position.
                if (change.Lsn > position.Lsn) break;
                if (!(latest is null || IsLatest(change, latest)) || change.CommittedAt < start.Since || !scope.Contains(change.Document)) continue;
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

    /// <summary>The LSN of each document's last change up to a position. Documents that did not change after it need none.</summary>
    private static Dictionary<DocumentKey, long> LatestUpTo(PhysicalRange range, long position, long after)
    {
        var latest = new Dictionary<DocumentKey, long>();
        foreach (var change in range.Log.After(position))
            latest.TryAdd(change.Document.Key, 0);
        if (latest.Count == 0) return latest;

        foreach (var change in range.Log.After(after))
        {
            if (change.Lsn > position) break;
            if (latest.ContainsKey(change.Document.Key)) latest[change.Document.Key] = change.Lsn;
        }

        return latest;
    }

    private static bool IsLatest(Change change, Dictionary<DocumentKey, long> latest) =>
        latest.TryGetValue(change.Document.Key, out var lsn) ? lsn == change.Lsn && change.Kind != ChangeKind.Delete : change.IsLatestVersion;
}

/// <summary>One answer's worth of changes.</summary>
/// <param name="Body">Null when there is nothing new.</param>
/// <param name="ContinueAfter">The LSN to continue after.</param>
internal readonly record struct ChangeFeedPage(FeedBody? Body, long ContinueAfter)
{
    public int Count => Body?.Count ?? 0;
}
