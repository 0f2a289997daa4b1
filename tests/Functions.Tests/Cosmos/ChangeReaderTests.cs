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
    [InlineData("""{"id":"a/b","tenant":"t"}""")]
    public void TryRead_skips_an_item_that_no_request_can_name(string json)
    {
        Assert.False(Reader(FeedMode.LatestVersion).TryRead(Bytes(json), out _));
    }

    private static ChangeReader Reader(FeedMode mode) => new(new DocumentShape(Path("/tenant"), [Path("/email")], [Path("/email")]), mode);

    private static JsonPath Path(string text) => JsonPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
