using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>Extension methods that read feeds and queries to the end.</summary>
internal static class FeedIterators
{
    public static async Task<List<T>> AllAsync<T>(FeedIterator<T> iterator)
    {
        var items = new List<T>();
        while (iterator.HasMoreResults) items.AddRange(await iterator.ReadNextAsync(TestContext.Current.CancellationToken));
        return items;
    }

    /// <summary>Reads a change feed up to its first "no more changes".</summary>
    public static async Task<(List<T> Items, string Continuation)> DrainAsync<T>(FeedIterator<T> iterator)
    {
        var items = new List<T>();
        while (true)
        {
            var page = await iterator.ReadNextAsync(TestContext.Current.CancellationToken);
            if (page.StatusCode == HttpStatusCode.NotModified) return (items, page.ContinuationToken);
            items.AddRange(page);
        }
    }

    public static Task<(List<T> Items, string Continuation)> DrainAsync<T>(this Container container, ChangeFeedStartFrom start, ChangeFeedMode? mode = null) =>
        DrainAsync(container.GetChangeFeedIterator<T>(start, mode ?? ChangeFeedMode.LatestVersion));
}
