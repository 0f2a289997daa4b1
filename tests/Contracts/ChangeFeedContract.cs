using System.Text.Json;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Contracts;

/// <summary>The contract tests for <see cref="IChangeFeed"/>, together with the <see cref="IUserStore"/> of the same instance.</summary>
public abstract class ChangeFeedContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens an empty database with several feed ranges, and returns its feed, its store and an independent writer.</summary>
    /// <param name="showsDeletes">
    /// <see langword="true"/> for AllVersionsAndDeletes mode; <see langword="false"/> for LatestVersion mode.
    /// </param>
    protected abstract Task<(IChangeFeed Feed, IUserStore Store, IUserWriter Writer)> OpenAsync(bool showsDeletes);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_covers_every_user_from_the_first_page(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        await writer.UpsertAsync("before", null, 1, Token);

        var (earlier, positions) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        Assert.Empty(earlier);
        Assert.True(positions.Count > 1, "the contract requires several feed ranges");

        var ids = Enumerable.Range(0, 50).Select(i => $"u{i}").ToArray();
        foreach (var id in ids)
            await writer.UpsertAsync(id, $"{id}@example.com", 1, Token);
        var (changes, _) = await ReadToEndAsync(feed, positions);

        Assert.Equal(ids.Order(), changes.Select(change => change.Key.Id).Order());
        Assert.All(changes, change => Assert.Equal([new AlternateKey("/email", $"{change.Key.Id}@example.com")], change.AlternateKeys));
        Assert.All(changes, change => Assert.True(change.Lsn > 0, "a change has a log sequence number"));
    }

    /// <summary>
    /// A cached user that was read at or after the position of a change reflects it, and the document on the page can take its place. Both
    /// require that the feed and reads name the same partitions.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_names_its_partition_and_contains_the_documents(bool showsDeletes)
    {
        var (feed, store, writer) = await OpenAsync(showsDeletes);
        var (_, positions) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("kept", "kept@example.com", 1, Token);
        await writer.UpsertAsync("deleted", null, 1, Token);
        await writer.DeleteAsync("deleted", Token);
        var read = await store.ReadAsync(UserKey.Create("kept"), null, Token);

        var pages = new List<FeedPage>();
        foreach (var position in positions)
        {
            for (var (next, isEnd) = (position, false); !isEnd; (next, isEnd) = (pages[^1].Next[0], pages[^1].EndReached))
                pages.Add(await feed.ReadAsync(next, Token));
        }

        Assert.All(pages, page => Assert.NotNull(page.Position.Partition));
        Assert.All(pages, page => Assert.All(page.Changes, change => Assert.True(page.Position.Includes(change.Position))));
        var kept = Assert.Single(pages.SelectMany(page => page.Changes), change => change.Key.Id == "kept");
        Assert.True(read.Position.Includes(kept.Position), $"the read is at {read.Position}, the change at {kept.Position}");
        var document = kept.Document!();
        Assert.Equal((kept.Lsn, "kept@example.com"), (document!.Lsn, Assert.Single(document.AlternateKeys).Value));
        Assert.Equal(JsonDocument.Parse(read.Document!.Body).RootElement, JsonDocument.Parse(document.Body).RootElement, JsonElement.DeepEquals);
        Assert.Equal(showsDeletes, pages.SelectMany(page => page.Changes).Any(change => change.Key.Id == "deleted"));
        if (showsDeletes)
            Assert.Null(pages.SelectMany(page => page.Changes).Last(change => change.Key.Id == "deleted").Document);
    }

    /// <summary>A user is confirmed by its range alone, so a change that appears in another range would be missed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Partitioner_assigns_each_user_to_the_range_that_returns_its_changes(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        await writer.SplitAsync(Token);
        var start = await feed.StartAsync(Token);
        Assert.NotNull(start.Partitioner);
        var positions = new List<FeedPosition>();
        foreach (var position in start.Positions)
            positions.Add(Assert.Single((await ReadToEndAsync(feed, [position])).Next));

        string[] ids = [.. Enumerable.Range(0, 100).Select(i => $"u{i}"), "\u00fc", "\U0001F600", new string('x', 255)];
        foreach (var id in ids)
            await writer.UpsertAsync(id, null, 1, Token);

        var seen = 0;
        for (var range = 0; range < positions.Count; range++)
        {
            var (changes, _) = await ReadToEndAsync(feed, [positions[range]]);
            Assert.All(changes, change => Assert.Equal(range, start.Partitioner.RangeOf(change.Key.PartitionKey)));
            seen += changes.Count;
        }

        Assert.Equal(ids.Length, seen);
    }

    /// <summary>An instance that starts continues from the position of another one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Position_of_another_instance_is_continued_in_its_own_range_only(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        var (_, positions) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("between", null, 1, Token);
        var start = await feed.StartAsync(Token);

        var resumed = start.Positions.Zip(positions, (from, position) => feed.TryResume(from, position.Token)).ToArray();
        var (changes, _) = await ReadToEndAsync(feed, [.. resumed.Select(position => position!)]);

        Assert.Equal("between", Assert.Single(changes).Key.Id);
        Assert.NotNull(start.Source);
        Assert.Equal(start.Source, (await feed.StartAsync(Token)).Source);
        Assert.Equal(start.Positions.Select(position => position.Range), resumed.Select(position => position!.Range));
        Assert.Null(feed.TryResume(start.Positions[0], positions[1].Token));
        Assert.All(["", "42", "{}", "[]", "{\"V\":2,\"Continuation\":[]}", start.Positions[0].Token], token => Assert.Null(feed.TryResume(start.Positions[0], token)));
    }

    /// <summary>A range restarts from its start position, without the others.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_position_can_be_read_again_from_now(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        var start = await feed.StartAsync(Token);
        await ReadToEndAsync(feed, start.Positions);
        await writer.UpsertAsync("before", null, 1, Token);

        var (skipped, positions) = await ReadToEndAsync(feed, start.Positions);
        await writer.UpsertAsync("after", null, 1, Token);
        var (changes, _) = await ReadToEndAsync(feed, positions);

        Assert.Empty(skipped);
        Assert.Equal(["after"], changes.Select(change => change.Key.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_from_the_same_position_returns_the_same_change_again(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        var (_, start) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("u1", null, 1, Token);

        var (first, next) = await ReadToEndAsync(feed, start);
        var (again, _) = await ReadToEndAsync(feed, start);
        var (after, _) = await ReadToEndAsync(feed, next);

        Assert.Equal(["u1"], first.Select(change => change.Key.Id));
        Assert.Equal(first.Select(change => change.Lsn), again.Select(change => change.Lsn));
        Assert.Empty(after);
    }

    [Fact]
    public async Task LatestVersion_mode_returns_only_the_last_version_and_no_deletes()
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes: false);
        var (_, start) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("u1", "old@example.com", 1, Token);
        await writer.UpsertAsync("u1", "new@example.com", 2, Token);
        await writer.UpsertAsync("u2", null, 1, Token);
        await writer.DeleteAsync("u2", Token);

        var (changes, _) = await ReadToEndAsync(feed, start);

        var change = Assert.Single(changes);
        Assert.Equal("u1", change.Key.Id);
        Assert.Equal([new AlternateKey("/email", "new@example.com")], change.AlternateKeys);
    }

    [Fact]
    public async Task AllVersionsAndDeletes_mode_returns_each_version_and_the_delete()
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes: true);
        var (_, start) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("u1", "old@example.com", 1, Token);
        await writer.UpsertAsync("u1", "new@example.com", 2, Token);
        await writer.DeleteAsync("u1", Token);

        var (changes, _) = await ReadToEndAsync(feed, start);

        Assert.Equal(["u1", "u1", "u1"], changes.Select(change => change.Key.Id));
        Assert.Equal(changes.Select(change => change.Lsn).Order(), changes.Select(change => change.Lsn));
        Assert.Equal(["old@example.com"], changes[0].AlternateKeys.Select(key => key.Value));
        Assert.Equal(["new@example.com"], changes[1].AlternateKeys.Select(key => key.Value));
        Assert.Empty(changes[2].AlternateKeys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Store_read_reflects_a_change_that_the_feed_has_returned(bool showsDeletes)
    {
        var (feed, store, writer) = await OpenAsync(showsDeletes);
        var (_, start) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("u1", null, 1, Token);

        var (changes, _) = await ReadToEndAsync(feed, start);
        var read = await store.ReadAsync(UserKey.Create("u1"), null, Token);

        Assert.True(read.Document?.Lsn >= changes[^1].Lsn, $"the read has LSN {read.Document?.Lsn}, the change has LSN {changes[^1].Lsn}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Range_that_splits_continues_as_parts_that_return_each_change_once(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        var (_, positions) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.UpsertAsync("before", null, 1, Token);
        await writer.SplitAsync(Token);
        var ids = Enumerable.Range(0, 50).Select(i => $"u{i}").ToArray();
        foreach (var id in ids)
            await writer.UpsertAsync(id, null, 1, Token);

        var (changes, parts) = await ReadToEndAsync(feed, positions);
        var (after, _) = await ReadToEndAsync(feed, parts);

        Assert.Equal(ids.Append("before").Order(), changes.Select(change => change.Key.Id).Order());
        Assert.Equal(positions.Count * 2, parts.Select(part => part.Range).Distinct().Count());
        Assert.Empty(after);
    }

    /// <summary>A page comes from a single response of the store, which cannot be from every part.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_with_several_next_positions_is_not_the_end(bool showsDeletes)
    {
        var (feed, _, writer) = await OpenAsync(showsDeletes);
        var (_, positions) = await ReadToEndAsync(feed, (await feed.StartAsync(Token)).Positions);
        await writer.SplitAsync(Token);

        foreach (var position in positions)
        {
            var page = await feed.ReadAsync(position, Token);
            Assert.Equal((2, false), (page.Next.Count, page.EndReached));
        }
    }

    [Fact]
    public async Task Position_that_the_feed_did_not_issue_is_a_gap()
    {
        var (feed, _, _) = await OpenAsync(showsDeletes: false);
        var position = (await feed.StartAsync(Token)).Positions[0] with { Token = "no such place" };

        await Assert.ThrowsAsync<FeedGapException>(async () => await feed.ReadAsync(position, Token));
    }

    [Fact]
    public async Task Canceled_call_throws_OperationCanceledException()
    {
        var (feed, _, _) = await OpenAsync(showsDeletes: false);
        var position = (await feed.StartAsync(Token)).Positions[0];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await feed.ReadAsync(position, new CancellationToken(true)));
    }

    /// <summary>Reads every range, including the parts into which it splits, to its end.</summary>
    private static async Task<(List<UserChange> Changes, List<FeedPosition> Next)> ReadToEndAsync(
        IChangeFeed feed,
        IReadOnlyList<FeedPosition> positions)
    {
        var changes = new List<UserChange>();
        var next = new List<FeedPosition>();
        var open = new Queue<FeedPosition>(positions);
        while (open.TryDequeue(out var position))
        {
            var page = await feed.ReadAsync(position, Token);
            Assert.Equal(0, page.Unreadable);
            changes.AddRange(page.Changes);
            if (page.EndReached)
                next.AddRange(page.Next);
            else
                page.Next.ToList().ForEach(open.Enqueue);
        }

        return (changes, next);
    }
}
