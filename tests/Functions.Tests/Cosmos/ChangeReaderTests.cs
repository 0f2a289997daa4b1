using System.Text;
using System.Text.Json;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class ChangeReaderTests
{
    [Fact]
    public void TryRead_extracts_key_lsn_and_alternate_keys_from_the_latest_version()
    {
        Assert.True(Reader(FeedMode.LatestVersion).TryRead(Bytes("""{"id":"a","tenant":"t","email":"e","_lsn":7,"_ts":1}"""), out var change));

        Assert.Equal(UserKey.Create("a", "t"), change.Key);
        Assert.Equal(7, change.Lsn);
        Assert.Equal([new AlternateKey("/email", "e")], change.AlternateKeys);
    }

    [Theory]
    [InlineData("""{"current":{"id":"a","tenant":"t","email":"e"},"metadata":{"lsn":7,"operationType":"replace"}}""", 1)]
    [InlineData("""{"metadata":{"operationType":"create","lsn":7},"previous":{"id":"x"},"current":{"id":"a","tenant":"t"}}""", 0)]
    [InlineData("""{"current":{},"metadata":{"lsn":7,"operationType":"delete","id":"a","partitionKey":{"tenant":"t"}}}""", 0)]
    [InlineData("""{"metadata":{"lsn":7,"operationType":"delete","id":"a","partitionKey":{"tenant":"t"},"timeToLiveExpired":true},"previous":null}""", 0)]
    public void TryRead_extracts_the_same_from_any_version_and_from_a_delete(string json, int alternateKeys)
    {
        Assert.True(Reader(FeedMode.AllVersionsAndDeletes).TryRead(Bytes(json), out var change));

        Assert.Equal(UserKey.Create("a", "t"), change.Key);
        Assert.Equal(7, change.Lsn);
        Assert.Equal(alternateKeys, change.AlternateKeys.Count);
    }

    /// <summary>Otherwise, a user that is deleted would take the place of the cached one and be served.</summary>
    [Theory]
    [InlineData("""{"current":{"id":"a","tenant":"t","_etag":"\"1\""},"metadata":{"lsn":7,"operationType":"OPERATION"}}""")]
    [InlineData("""{"metadata":{"operationType":"OPERATION","lsn":7,"id":"a"},"current":{"id":"a","tenant":"t","_etag":"\"1\""}}""")]
    public void TryRead_offers_the_document_of_a_version_but_none_of_a_delete_that_contains_the_last_version(string json)
    {
        Assert.True(Reader(FeedMode.AllVersionsAndDeletes).TryRead(Bytes(json.Replace("OPERATION", "delete", StringComparison.Ordinal)), default, default, out var deleted));
        Assert.True(Reader(FeedMode.AllVersionsAndDeletes).TryRead(Bytes(json.Replace("OPERATION", "replace", StringComparison.Ordinal)), default, default, out var replaced));

        Assert.Equal((UserKey.Create("a", "t"), true), (deleted.Key, deleted.Document is null));
        Assert.Equal(7, replaced.Document?.Invoke()?.Lsn);
    }

    [Theory]
    [InlineData(false, """{"tenant":"t"}""")]
    [InlineData(false, """{"id":1,"tenant":"t"}""")]
    [InlineData(false, """[]""")]
    [InlineData(false, """{"id":"a" """)]
    [InlineData(true, """{"current":{"id":"a","tenant":"t"}}""")]
    [InlineData(true, """{"current":{},"metadata":{"operationType":"delete","lsn":1}}""")]
    [InlineData(true, """5""")]
    public void TryRead_of_an_invalid_change_fails_instead_of_skipping_it(bool allVersions, string json)
    {
        var mode = allVersions ? FeedMode.AllVersionsAndDeletes : FeedMode.LatestVersion;

        Assert.ThrowsAny<JsonException>(() => Reader(mode).TryRead(Bytes(json), out _));
    }

    [Theory]
    [InlineData("""{"id":"a","tenant":5}""")]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{"id":"a\u0007","tenant":"t"}""")]
    [InlineData("""{"id":"\ud800","tenant":"t"}""")]
    [InlineData("""{"id":"a","tenant":"\udc00"}""")]
    public void TryRead_skips_an_item_that_no_request_can_name(string json)
    {
        Assert.False(Reader(FeedMode.LatestVersion).TryRead(Bytes(json), out _));
    }

    [Theory]
    [InlineData("""{"current":{"id":"\ud800","tenant":"t"},"metadata":{"lsn":7,"operationType":"create"}}""")]
    [InlineData("""{"current":{},"metadata":{"lsn":7,"operationType":"delete","id":"\ud800","partitionKey":{"tenant":"t"}}}""")]
    [InlineData("""{"current":{},"metadata":{"lsn":7,"operationType":"delete","id":"a","partitionKey":{"tenant":"\ud800"}}}""")]
    public void TryRead_skips_a_version_that_no_request_can_name(string json)
    {
        Assert.False(Reader(FeedMode.AllVersionsAndDeletes).TryRead(Bytes(json), out _));
    }

    /// <summary>The feed contains the real LSN in addition to a property of that name in the document, and after it.</summary>
    [Theory]
    [InlineData("""{"id":"a","_lsn":9000000000000000000,"tenant":"t","_ts":1,"_lsn":7}""")]
    [InlineData("""{"id":"a","_lsn":"text","tenant":"t","_ts":1,"_lsn":7}""")]
    public void TryRead_does_not_take_the_lsn_from_the_document(string json)
    {
        Assert.True(Reader(FeedMode.LatestVersion).TryRead(Bytes(json), out var change));
        Assert.Equal(7, change.Lsn);
    }

    [Theory]
    [InlineData("""{"\ud800":1,"id":"a","tenant":"t","_lsn":7}""")]
    [InlineData("""{"i\ud800":1,"id":"a","_lsn":7,"tenant":"t","\udc00\ud800":{"\udfff":[]}}""")]
    public void TryRead_accepts_names_with_unpaired_surrogates(string json)
    {
        Assert.True(Reader(FeedMode.LatestVersion).TryRead(Bytes(json), out var change));
        Assert.Equal((UserKey.Create("a", "t"), 7), (change.Key, change.Lsn));
    }

    private static ChangeReader Reader(FeedMode mode) => new(new DocumentShape(Path("/tenant"), [Path("/email")], [Path("/email")]), mode);

    private static JsonPath Path(string text) => JsonPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
