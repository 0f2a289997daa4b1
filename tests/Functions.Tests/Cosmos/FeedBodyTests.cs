using System.Text;
using System.Text.Json;
using Lookup.Functions.Cosmos.Feed;

namespace Lookup.Functions.Tests.Cosmos;

public class FeedBodyTests
{
    // A page without changes must never be taken from a body that has no list of documents: the changes would be skipped.
    [Theory]
    [InlineData("""{"_rid":"r","_count":0}""")]
    [InlineData("""{"Documents":null,"_count":1}""")]
    [InlineData("""{"Documents":{},"_count":1}""")]
    [InlineData("""{"Documents":"[]"}""")]
    [InlineData("""{"documents":[]}""")]
    [InlineData("""{"inner":{"Documents":[]}}""")]
    [InlineData("""{"Documents":[{"id":"u1"}""")]
    [InlineData("""{"Documents":[{"id":"u1"}]""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html></html>")]
    [InlineData("")]
    public void Documents_rejects_a_body_that_is_not_a_page(string page) =>
        Assert.ThrowsAny<JsonException>(() => FeedBody.Documents(Encoding.UTF8.GetBytes(page)));

    [Theory]
    [InlineData("""{"_rid":"r","Documents":[],"_count":0}""")]
    [InlineData("""{"Documents":[{"id":"u1"}]}""", """{"id":"u1"}""")]
    [InlineData("""{"_count":2,"Documents":[ {"Documents":null} , 7 ],"more":[{}]}""", """{"Documents":null}""", "7")]
    public void Documents_returns_each_document_as_it_is(string page, params string[] documents) =>
        Assert.Equal(documents, FeedBody.Documents(Encoding.UTF8.GetBytes(page)).Select(document => Encoding.UTF8.GetString(document.Span)));
}
