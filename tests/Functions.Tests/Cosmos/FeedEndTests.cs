using Lookup.Functions.Cosmos;
using Lookup.Domain.Changes;
using Lookup.Functions.Tests.Support;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>How a reader knows that it has seen all there was, though changes never cease.</summary>
public sealed class FeedEndTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_that_goes_as_far_as_its_range_is_the_end(bool showsDeletes)
    {
        await using var account = await Account.OpenAsync(showsDeletes);
        var positions = await EndsAsync(account.Feed, await account.Feed.StartAsync(Cancel.Token));
        for (var i = 0; i < 20; i++)
            await account.UpsertAsync($"u{i}", null, 1, Cancel.Token);

        var seen = 0;
        foreach (var position in positions)
        {
            var page = await account.Feed.ReadAsync(position, Cancel.Token);
            Assert.True(page.EndReached);
            seen += page.Changes.Count;
        }

        Assert.Equal(20, seen);
    }

    [Fact]
    public async Task A_page_that_leaves_some_for_the_next_is_not_the_end()
    {
        await using var account = await Account.OpenAsync();
        var positions = await EndsAsync(account.Feed, await account.Feed.StartAsync(Cancel.Token));
        await Task.WhenAll(Enumerable.Range(0, 1_200 * positions.Count).Select(i => account.UpsertAsync($"u{i}", null, 1, Cancel.Token)));

        foreach (var position in positions)
        {
            var first = await account.Feed.ReadAsync(position, Cancel.Token);
            Assert.False(first.EndReached);
            var second = await account.Feed.ReadAsync(first.Next, Cancel.Token);
            Assert.True(second.EndReached && second.Changes.Count > 0);
        }
    }

    [Fact]
    public async Task A_range_that_has_split_is_at_its_end_only_when_no_part_has_more()
    {
        await using var account = await Account.OpenAsync();
        var positions = await EndsAsync(account.Feed, await account.Feed.StartAsync(Cancel.Token));
        await account.SplitAsync("0");
        for (var i = 0; i < 100; i++)
            await account.UpsertAsync($"u{i}", null, 1, Cancel.Token);

        var seen = new List<string>();
        foreach (var start in positions)
        {
            FeedPage page;
            var position = start;
            do
            {
                page = await account.Feed.ReadAsync(position, Cancel.Token);
                seen.AddRange(page.Changes.Select(change => change.Key.Id));
                position = page.Next;
            }
            while (!page.EndReached);
        }

        Assert.Equal(100, seen.Count);
    }

    private static async Task<IReadOnlyList<FeedPosition>> EndsAsync(CosmosChangeFeed feed, IReadOnlyList<FeedPosition> starts)
    {
        var ends = new List<FeedPosition>();
        foreach (var start in starts)
        {
            var page = await feed.ReadAsync(start, Cancel.Token);
            Assert.True(page.EndReached && page.Changes.Count == 0);
            ends.Add(page.Next);
        }

        return ends;
    }
}
