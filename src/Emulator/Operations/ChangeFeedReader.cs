using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The reader of change feed pages from the log of a physical range.</summary>
internal sealed class ChangeFeedReader(Container container, FeedScope scope, bool withPreviousImages)
{
    private const long Hidden = -1;

    public ChangeFeedPage Read(PhysicalRange range, RangePosition position, ChangeFeedStart start, int limit)
    {
        // Most polls find no changes. This is detected without taking the writers' lock.
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
    /// The page reflects the state at the position. A version that was replaced after the position is still the latest one at the position.
    /// If it were omitted, a page without other changes would report no changes, although there was one up to the position.
    /// </remarks>
    private List<Change> Collect(PhysicalRange range, RangePosition position, ChangeFeedStart start, int limit, out long continueAfter)
    {
        var page = new List<Change>();
        lock (range.Gate)
        {
            if (start.AllVersions && start.AfterLsn < range.Log.CompactedUpTo)
            {
                throw CosmosErrorException.BadRequest(
                    $"The continuation {start.AfterLsn} is older than the retained changes, which begin after {range.Log.CompactedUpTo}.");
            }

            var latest = start.AllVersions ? null : LatestUpTo(range, position.Lsn, start.AfterLsn);
            foreach (var change in range.Log.After(start.AfterLsn))
            {
                // Later changes are left for the next poll, because the response headers contain this position.
                if (change.Lsn > position.Lsn) break;
                if (!(latest is null || IsLatest(change, latest)) || change.CommittedAt < start.Since || !scope.Contains(change.Document)) continue;
                // Changes with the same LSN are never on different pages, because a continuation names an LSN. In the log of a merged range,
                // changes of different keys can have the same one.
                if (page.Count >= limit && change.Lsn > page[^1].Lsn)
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

    /// <summary>
    /// Returns, for each document that changed after <paramref name="position"/>, the LSN of its last change from <paramref name="after"/> to
    /// the position, or 0 if there is none. It is <see cref="Hidden"/> for a document that has expired since: even a replica that lags does not
    /// return it, and this mode does not show the deletion.
    /// </summary>
    private static Dictionary<DocumentKey, long> LatestUpTo(PhysicalRange range, long position, long after)
    {
        var latest = new Dictionary<DocumentKey, long>();
        foreach (var change in range.Log.After(position))
            latest.TryAdd(change.Document.Key, change.TimeToLiveExpired ? Hidden : 0);
        if (latest.Count == 0) return latest;

        foreach (var change in range.Log.After(after))
        {
            if (change.Lsn > position) break;
            if (latest.TryGetValue(change.Document.Key, out var known) && known != Hidden) latest[change.Document.Key] = change.Lsn;
        }

        return latest;
    }

    private static bool IsLatest(Change change, Dictionary<DocumentKey, long> latest) =>
        latest.TryGetValue(change.Document.Key, out var lsn) ? lsn == change.Lsn && change.Kind != ChangeKind.Delete : change.IsLatestVersion;
}

/// <summary>A page of changes.</summary>
/// <param name="Body">The response body, or <see langword="null"/> if there are no new changes.</param>
/// <param name="ContinueAfter">The LSN after which the next page continues.</param>
internal readonly record struct ChangeFeedPage(FeedBody? Body, long ContinueAfter)
{
    public int Count => Body?.Count ?? 0;
}
