using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

/// <summary>Documents that the service stores although clients seldom write them. Each test states the source of its rule.</summary>
public sealed class UnusualDocumentTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    /// <summary>Source: the service quotas of the documentation: an id has at most 1,023 bytes.</summary>
    [Theory]
    [InlineData("x", 1023)]
    [InlineData("é", 511)]
    [InlineData("日", 341)]
    [InlineData("😀", 255)]
    public async Task Create_limits_an_id_by_its_bytes(string text, int count)
    {
        var container = await Endpoint.NewContainerAsync();
        var id = string.Concat(Enumerable.Repeat(text, count));
        var fill = new string('x', 1023 - Encoding.UTF8.GetByteCount(id));

        Assert.Equal(HttpStatusCode.Created, await CreateAsync(container, new { id = id + fill, userId = "u" }));
        Assert.Equal(HttpStatusCode.BadRequest, await CreateAsync(container, new { id = id + fill + "x", userId = "u" }));
        using var read = await container.ReadItemStreamAsync(id + fill, Key("u"), cancellationToken: Cancellation);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    /// <summary>
    /// Sources: issues 2573, 2606 and 4129 of Azure/azure-cosmos-dotnet-v3: the service stores such ids and returns them from queries; a point read
    /// of an id with a slash, which the SDK does not encode, returns 404.
    /// </summary>
    [Theory]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    public async Task Create_with_a_delimiter_in_the_id_stores_a_document_that_queries_find(string id)
    {
        var container = await Endpoint.NewContainerAsync();

        Assert.Equal(HttpStatusCode.Created, await CreateAsync(container, new { id, userId = "u" }));

        Assert.Equal([$"\"{JsonEncodedText.Encode(id)}\""], await QueryAsync(container, "SELECT VALUE c.id FROM c"));
        if (id == "a/b")
        {
            using var read = await container.ReadItemStreamAsync(id, Key("u"), cancellationToken: Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        }
    }

    /// <summary>Source: JSON allows the escape (RFC 8259 §8.2), and the service returns it as it was written, according to reports of its users.</summary>
    [Fact]
    public async Task Unpaired_surrogates_in_names_and_strings_are_stored_and_returned_as_escapes()
    {
        const string Json = """{"id":"\ud800","userId":"u","\udc00":"a\uD800b","list":["\ud83d\ude00\ud83d",{"\udfff\\ud800":1}]}""";
        var container = await Endpoint.NewContainerAsync();
        var start = (await container.DrainAsync<JsonElement>(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes)).Continuation;

        Assert.Equal(HttpStatusCode.Created, await CreateAsync(container, Json));

        foreach (var text in new[]
        {
            await DocumentsAsync(container.GetItemQueryStreamIterator("SELECT * FROM c")),
            await DocumentsAsync(container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion)),
            await DocumentsAsync(container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.ContinuationToken(start), ChangeFeedMode.AllVersionsAndDeletes)),
        })
        {
            foreach (var member in (string[])["\"id\":\"\\ud800\"", "\"\\udc00\":\"a\\uD800b\"", "\"list\":[\"\\ud83d\\ude00\\ud83d\",{\"\\udfff\\\\ud800\":1}]"])
                Assert.Contains(member, text);
        }

        Assert.Equal(["\"\\ud800\""], await QueryAsync(container, "SELECT VALUE c.id FROM c"));
        Assert.Equal(HttpStatusCode.Conflict, await CreateAsync(container, Json));
    }

    /// <summary>
    /// Source: pull request 30916 of Azure/azure-sdk-for-java, for documents with names that occur more than once and that the service returns.
    /// </summary>
    [Fact]
    public async Task Names_that_occur_more_than_once_are_stored_and_returned()
    {
        const string Json = """{"id":"u1","userId":"u1","n":1,"n":2,"o":{"n":1,"n":2}}""";
        var container = await Endpoint.NewContainerAsync();

        Assert.Equal(HttpStatusCode.Created, await CreateAsync(container, Json));

        Assert.StartsWith(Json[..^1], await ReadAsync(container, "u1"));
    }

    /// <summary>
    /// Sources: issue 46 of microsoft/kafka-connect-cosmosdb and issue 18091 of Azure/azure-sdk-for-java: the feed adds the real LSN after a
    /// document's own property of that name. The other system properties are replaced.
    /// </summary>
    [Fact]
    public async Task System_properties_from_a_client_are_replaced_and_its_LSN_is_kept_beside_the_real_one()
    {
        const string Json = """{"id":"u1","_lsn":5,"_rid":"x","_self":"x","_etag":"x","_ts":1,"_attachments":"x","userId":"u1"}""";
        var container = await Endpoint.NewContainerAsync();
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(container, Json));

        using var read = JsonDocument.Parse(await ReadAsync(container, "u1"));
        var feed = await DocumentsAsync(container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion));

        Assert.Equal(5, read.RootElement.GetProperty("_lsn").GetInt64());
        Assert.All((string[])["_rid", "_self", "_etag", "_attachments"], name => Assert.NotEqual("x", read.RootElement.GetProperty(name).GetString()));
        Assert.NotEqual(1, read.RootElement.GetProperty("_ts").GetInt64());
        Assert.Contains("\"_lsn\":5", feed);
        Assert.Matches("\"_lsn\":[0-9]+}\\]?[^{]*$", feed);
        Assert.Equal(2, feed.Split("\"_lsn\":").Length - 1);
    }

    /// <summary>Source: the service guarantees no order of properties and no spaces, and its operations differ in them.</summary>
    [Fact]
    public async Task Bodies_of_queries_and_feeds_have_the_properties_of_the_point_read_in_another_order()
    {
        const string Json = """{"id":"u1","userId":"u1","n":1.50,"o":{"b":1, "a":2}}""";
        _ = Endpoint.Emulator;
        var container = await Endpoint.NewContainerAsync();
        await CreateAsync(container, Json);

        var read = await ReadAsync(container, "u1");
        var feed = await DocumentsAsync(container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion));

        Assert.DoesNotContain(read[..^1], feed);
        Assert.DoesNotContain("\"id\":\"u1\",\"userId\"", feed);
        foreach (var property in JsonDocument.Parse(read).RootElement.EnumerateObject())
            Assert.Contains($"\"{property.Name}\":{property.Value.GetRawText()}", feed);
    }

    private static Task<HttpStatusCode> CreateAsync(Container container, object document) => CreateAsync(container, JsonSerializer.Serialize(document));

    private static async Task<HttpStatusCode> CreateAsync(Container container, string json)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var key = json.Contains("\"userId\":\"u1\"") ? "u1" : "u";
        using var created = await container.CreateItemStreamAsync(body, Key(key), cancellationToken: Cancellation);
        return created.StatusCode;
    }

    private static async Task<string> ReadAsync(Container container, string id)
    {
        using var read = await container.ReadItemStreamAsync(id, Key(id), cancellationToken: Cancellation);
        using var reader = new StreamReader(read.Content);
        return await reader.ReadToEndAsync(Cancellation);
    }

    /// <summary>Returns the text of all pages.</summary>
    private static async Task<string> DocumentsAsync(FeedIterator pages)
    {
        var all = new StringBuilder();
        using (pages)
        {
            while (pages.HasMoreResults)
            {
                using var page = await pages.ReadNextAsync(Cancellation);
                if (page.StatusCode == HttpStatusCode.NotModified)
                    break;
                using var reader = new StreamReader(page.EnsureSuccessStatusCode().Content);
                all.Append(await reader.ReadToEndAsync(Cancellation));
            }
        }

        return all.ToString();
    }

    private static async Task<List<string>> QueryAsync(Container container, string query)
    {
        var options = new QueryRequestOptions { PartitionKey = Key("u") };
        using var page = JsonDocument.Parse(await DocumentsAsync(container.GetItemQueryStreamIterator(query, requestOptions: options)));
        return [.. page.RootElement.GetProperty("Documents").EnumerateArray().Select(value => value.GetRawText())];
    }
}
