using System.Text;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Contracts;

/// <summary>The contract tests for <see cref="IUserStore"/>. The alternate key is <c>/email</c>.</summary>
public abstract class UserStoreContract
{
    protected static CancellationToken Canceled => new(canceled: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens an empty store, and returns it with an independent writer.</summary>
    protected abstract Task<(IUserStore Store, IUserWriter Writer)> OpenAsync();

    [Fact]
    public async Task Read_of_a_user_returns_the_document_with_its_ETag_and_keys()
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("u1", "ada@example.com", 7, Token);

        var read = await store.ReadAsync(UserKey.Create("u1"), null, Token);

        Assert.Equal(StoreReadStatus.Found, read.Status);
        var document = Assert.IsType<UserDocument>(read.Document);
        Assert.Contains("\"version\":7", Encoding.UTF8.GetString(document.Body.Span), StringComparison.Ordinal);
        Assert.Matches("^\"[^\"]+\"$", document.ETag);
        Assert.Equal([new AlternateKey("/email", "ada@example.com")], document.AlternateKeys);
        Assert.True(document.Lsn > 0 && read.Lsn >= document.Lsn, $"item LSN {document.Lsn}, partition LSN {read.Lsn}");
    }

    [Fact]
    public async Task Read_of_an_unknown_user_returns_NotFound_and_the_LSN_of_the_partition()
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("u1", null, 1, Token);
        await writer.DeleteAsync("u1", Token);

        var read = await store.ReadAsync(UserKey.Create("u1"), null, Token);

        Assert.Equal(StoreReadStatus.NotFound, read.Status);
        Assert.Null(read.Document);
        Assert.True(read.Lsn > 1, $"partition LSN {read.Lsn} after two writes");
    }

    [Fact]
    public async Task Read_with_the_current_ETag_returns_NotModified_and_with_an_earlier_one_Found()
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("u1", null, 1, Token);
        var first = (await store.ReadAsync(UserKey.Create("u1"), null, Token)).Document!;

        var same = await store.ReadAsync(UserKey.Create("u1"), first.ETag, Token);
        await writer.UpsertAsync("u1", null, 2, Token);
        var changed = await store.ReadAsync(UserKey.Create("u1"), first.ETag, Token);

        Assert.Equal(StoreReadStatus.NotModified, same.Status);
        Assert.True(same.Lsn >= first.Lsn, $"the 304 has partition LSN {same.Lsn}, the item has LSN {first.Lsn}");
        Assert.Equal(first.Lsn, same.ConfirmedLsn);
        Assert.Equal(StoreReadStatus.Found, changed.Status);
        Assert.NotEqual(first.ETag, changed.Document!.ETag);
        Assert.True(changed.Document.Lsn > first.Lsn, "a later version has a higher LSN");
    }

    [Theory]
    [InlineData("u1")]
    [InlineData("a%41")] // an id that a point read cannot name
    public async Task Reads_of_a_user_have_positions_in_one_log_that_do_not_go_back(string id)
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync(id, null, 1, Token);
        var first = await store.ReadAsync(UserKey.Create(id), null, Token);
        var same = await store.ReadAsync(UserKey.Create(id), first.Document!.ETag, Token);
        await writer.UpsertAsync(id, null, 2, Token);
        var second = await store.ReadAsync(UserKey.Create(id), null, Token);

        Assert.True(same.Position.Includes(first.Position), $"{first.Position}, then {same.Position}");
        Assert.True(second.Position.Includes(same.Position) && !same.Position.Includes(second.Position), $"{same.Position}, then {second.Position}");
    }

    [Fact]
    public async Task Read_of_a_deleted_user_has_a_later_position_in_the_log()
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("u1", null, 1, Token);
        var found = await store.ReadAsync(UserKey.Create("u1"), null, Token);
        await writer.DeleteAsync("u1", Token);

        var deleted = await store.ReadAsync(UserKey.Create("u1"), null, Token);

        Assert.Equal(StoreReadStatus.NotFound, deleted.Status);
        Assert.True(deleted.Position.Includes(found.Position) && !found.Position.Includes(deleted.Position), $"{found.Position}, then {deleted.Position}");
    }

    [Fact]
    public async Task Read_in_a_session_returns_a_position_in_the_log_of_the_user()
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("u1", null, 1, Token);
        var read = await store.ReadAsync(UserKey.Create("u1"), null, Token);
        Assert.True(SessionToken.TryParse($"{read.Partition!.Id}:{read.Partition.Version}#{read.Lsn}", out var token));

        var inSession = await store.ReadInSessionAsync(UserKey.Create("u1"), token, Token);

        Assert.True(inSession.Position.Includes(read.Position), $"{read.Position}, then {inSession.Position}");
    }

    [Fact]
    public async Task ReadMany_returns_the_users_that_exist()
    {
        var (store, writer) = await OpenAsync();
        for (var i = 0; i < 20; i++)
            await writer.UpsertAsync($"u{i}", null, i, Token);

        var keys = Enumerable.Range(10, 20).Select(i => UserKey.Create($"u{i}")).ToArray();
        var parts = await ReadManyAsync(store, keys);

        Assert.Equal(keys.Take(10).ToHashSet(), parts.SelectMany(part => part.Documents.Keys).ToHashSet());
        foreach (var (key, document) in parts.SelectMany(part => part.Documents))
            Assert.Contains($"\"version\":{key.Id[1..]}", Encoding.UTF8.GetString(document.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadMany_covers_each_key_once_regardless_of_the_characters_in_its_id()
    {
        var (store, writer) = await OpenAsync();
        string[] ids = ["plain", "with blank ", "%41", "a%2Fb", "ü", "quote'", "A", "a/b", "a?b", "a#b", "/", new('x', 1023), new('é', 511)];
        foreach (var id in ids)
            await writer.UpsertAsync(id, null, 1, Token);

        var keys = ids.Concat(["unknown", "unknown ", "unknown/"]).Select(id => UserKey.Create(id)).ToArray();
        var parts = await ReadManyAsync(store, keys);

        Assert.Equal(keys.Select(key => key.Id).Order(), parts.SelectMany(part => part.Keys).Select(key => key.Id).Order());
        Assert.Equal(ids.Order(), parts.SelectMany(part => part.Documents.Keys).Select(key => key.Id).Order());
    }

    /// <summary>Log sequence numbers are comparable within one partition only, so a result without it proves nothing.</summary>
    [Theory]
    [InlineData("u1", "u2")]
    [InlineData("u1", "a/b")]
    [InlineData("a/b", "a?b")]
    public async Task ReadMany_and_Find_report_the_positions_of_the_partitions_that_have_responded(string one, string other)
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync(one, "a@example.com", 1, Token);
        await writer.UpsertAsync(other, "a@example.com", 1, Token);
        var alone = new[] { (await store.ReadAsync(UserKey.Create(one), null, Token)).Position, (await store.ReadAsync(UserKey.Create(other), null, Token)).Position };
        Assert.All(alone, position => Assert.True(position.IsKnown));

        var parts = await ReadManyAsync(store, [UserKey.Create(one), UserKey.Create(other)]);
        var found = await store.FindAsync(new AlternateKey("/email", "a@example.com"), 10, Token);

        foreach (var position in alone)
        {
            Assert.Contains(parts.SelectMany(part => part.Positions), span => Includes(span, position));
            Assert.Contains(found.Positions, span => Includes(span, position));
        }

        Assert.All([.. parts.Select(part => part.Positions), found.Positions], positions => Assert.Distinct(positions.Select(span => span.Partition)));

        static bool Includes(LogSpan span, LogPosition position) => span.Lowest.Includes(position) && span.From <= span.To;
    }

    /// <summary>"No such user" is stored as well, and reflects a change only if its position is known.</summary>
    [Fact]
    public async Task ReadMany_of_a_deleted_user_reports_a_position_that_reflects_the_delete()
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("u1", null, 1, Token);
        await writer.DeleteAsync("u1", Token);
        var deleted = (await store.ReadAsync(UserKey.Create("u1"), null, Token)).Position;
        Assert.True(deleted.IsKnown);

        var part = Assert.Single(await ReadManyAsync(store, [UserKey.Create("u1")]));

        Assert.Empty(part.Documents);
        Assert.Contains(part.Positions, span => span.Lowest.Includes(deleted));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("%41")]
    public async Task Read_finds_exactly_the_user_regardless_of_the_characters_in_its_id(string id)
    {
        var (store, writer) = await OpenAsync();
        await writer.UpsertAsync("a", null, 1, Token);
        Assert.Equal(StoreReadStatus.NotFound, (await store.ReadAsync(UserKey.Create(id), null, Token)).Status);
        await writer.UpsertAsync(id, null, 2, Token);

        var read = await store.ReadAsync(UserKey.Create(id), null, Token);

        Assert.Contains("\"version\":2", Encoding.UTF8.GetString(read.Document!.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_returns_the_users_with_the_value_up_to_the_limit()
    {
        var (store, writer) = await OpenAsync();
        foreach (var (id, email) in new[] { ("u1", "a@example.com"), ("u2", "b@example.com"), ("u3", "a@example.com"), ("u4", null) })
            await writer.UpsertAsync(id, email, 1, Token);

        var both = await store.FindAsync(new AlternateKey("/email", "a@example.com"), 10, Token);
        var one = await store.FindAsync(new AlternateKey("/email", "a@example.com"), 1, Token);
        var none = await store.FindAsync(new AlternateKey("/email", "A@example.com"), 10, Token);

        Assert.Equal(["u1", "u3"], both.Keys.Select(key => key.Id).Order());
        Assert.Single(one.Keys);
        Assert.Empty(none.Keys);
        Assert.False(both.IsTruncated);
    }

    [Fact]
    public async Task Canceled_call_throws_OperationCanceledException()
    {
        var (store, _) = await OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.ReadAsync(UserKey.Create("u1"), null, Canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.ReadManyAsync([UserKey.Create("u1"), UserKey.Create("u2")], _ => { }, Canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.FindAsync(new AlternateKey("/email", "a"), 10, Canceled));
    }

    private static async Task<List<StoreReadMany>> ReadManyAsync(IUserStore store, IReadOnlyList<UserKey> keys)
    {
        var parts = new List<StoreReadMany>();
        await store.ReadManyAsync(keys, parts.Add, Token);
        return parts;
    }
}
