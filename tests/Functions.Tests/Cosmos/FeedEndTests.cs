using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Support;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Detection of the end of the feed while changes continue to arrive.</summary>
public sealed class FeedEndTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_that_contains_all_changes_of_its_range_is_the_end(bool showsDeletes)
    {
        await using var account = await Account.OpenAsync(showsDeletes);
        var positions = await EndsAsync(account.Feed, (await account.Feed.StartAsync(Cancel.Token)).Positions);
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
    public async Task Page_that_leaves_changes_for_the_next_is_not_the_end()
    {
        await using var account = await Account.OpenAsync();
        var positions = await EndsAsync(account.Feed, (await account.Feed.StartAsync(Cancel.Token)).Positions);
        await Task.WhenAll(Enumerable.Range(0, 1_200 * positions.Count).Select(i => account.UpsertAsync($"u{i}", null, 1, Cancel.Token)));

        foreach (var position in positions)
        {
            var first = await account.Feed.ReadAsync(position, Cancel.Token);
            Assert.False(first.EndReached);
            var second = await account.Feed.ReadAsync(first.Next[0], Cancel.Token);
            Assert.True(second.EndReached && second.Changes.Count > 0);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Split_range_continues_as_its_parts_and_returns_each_change_once(bool showsDeletes)
    {
        await using var account = await Account.OpenAsync(showsDeletes);
        var positions = await EndsAsync(account.Feed, (await account.Feed.StartAsync(Cancel.Token)).Positions);
        var (lower, _) = await account.SplitAsync("0");
        await account.SplitAsync(lower);
        for (var i = 0; i < 100; i++)
            await account.UpsertAsync($"u{i}", null, 1, Cancel.Token);

        var (seen, ends) = await ReadToEndsAsync(account.Feed, positions);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"u{i}").Order(), seen.Order());
        Assert.Equal(positions.Count + 2, ends.Count);
        Assert.Equal(ends.Count, ends.Select(end => end.Range).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failing_part_fails_alone_and_returns_its_change_after_recovery(bool showsDeletes)
    {
        await using var account = await Account.OpenAsync(showsDeletes);
        var positions = await EndsAsync(account.Feed, (await account.Feed.StartAsync(Cancel.Token)).Positions);
        for (var i = 0; i < 60; i++)
            await account.UpsertAsync($"u{i}", null, 1, Cancel.Token);
        var (_, upper) = await account.SplitAsync("0");
        (_, var parts) = await ReadToEndsAsync(account.Feed, positions);
        var user = await FirstInAsync(account, upper);
        await account.AddFaultAsync($$"""{"operation":"feedPoll","range":"{{upper}}","status":503}""");
        await account.UpsertAsync(user, null, 2, Cancel.Token);

        var failing = new List<FeedPosition>();
        foreach (var part in parts)
        {
            try
            {
                var page = await account.Feed.ReadAsync(part, Cancel.Token);
                Assert.True(page.EndReached && page.Changes.Count == 0);
            }
            catch (UserStoreException)
            {
                failing.Add(part);
            }
        }

        await account.ClearFaultsAsync();
        var shown = await account.Feed.ReadAsync(Assert.Single(failing), Cancel.Token);
        Assert.Equal([user], shown.Changes.Select(change => change.Key.Id));
    }

    /// <summary>The poll that detects the split: the SDK returns the 304 of the first child although the other child has failed.</summary>
    [Fact]
    public async Task Status_304_that_not_every_part_returned_is_not_the_end()
    {
        await using var account = await Account.OpenAsync();
        var positions = await EndsAsync(account.Feed, (await account.Feed.StartAsync(Cancel.Token)).Positions);
        for (var i = 0; i < 60; i++)
            await account.UpsertAsync($"u{i}", null, 1, Cancel.Token);
        (_, positions) = await ReadToEndsAsync(account.Feed, positions);
        var (_, upper) = await account.SplitAsync("0");
        var user = await FirstInAsync(account, upper);
        await account.AddFaultAsync($$"""{"operation":"feedPoll","range":"{{upper}}","status":503}""");
        await account.UpsertAsync(user, null, 2, Cancel.Token);

        var split = new List<FeedPage>();
        foreach (var position in positions)
        {
            var page = await account.Feed.ReadAsync(position, Cancel.Token);
            Assert.Empty(page.Changes);
            if (page.Next.Count > 1)
                split.Add(page);
        }

        Assert.False(Assert.Single(split).EndReached);
        await account.ClearFaultsAsync();
        var (seen, _) = await ReadToEndsAsync(account.Feed, split[0].Next);
        Assert.Equal([user], seen);
    }

    private static async Task<(List<string> Seen, List<FeedPosition> Ends)> ReadToEndsAsync(CosmosChangeFeed feed, IEnumerable<FeedPosition> from)
    {
        var seen = new List<string>();
        var ends = new List<FeedPosition>();
        var open = new Queue<FeedPosition>(from);
        while (open.TryDequeue(out var position))
        {
            var page = await feed.ReadAsync(position, Cancel.Token);
            seen.AddRange(page.Changes.Select(change => change.Key.Id));
            if (page.EndReached)
                ends.AddRange(page.Next);
            else
                page.Next.ToList().ForEach(open.Enqueue);
        }

        return (seen, ends);
    }

    private static async Task<string> FirstInAsync(Account account, string range)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await account.RangeOfAsync($"u{i}") == range)
                return $"u{i}";
        }

        throw new InvalidOperationException($"None of the users is in range {range}.");
    }

    private static async Task<IReadOnlyList<FeedPosition>> EndsAsync(CosmosChangeFeed feed, IReadOnlyList<FeedPosition> starts)
    {
        var ends = new List<FeedPosition>();
        foreach (var start in starts)
        {
            var page = await feed.ReadAsync(start, Cancel.Token);
            Assert.True(page.EndReached && page.Changes.Count == 0);
            ends.Add(Assert.Single(page.Next));
        }

        return ends;
    }
}
