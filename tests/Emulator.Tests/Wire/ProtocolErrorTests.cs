using System.Net;
using System.Text.Json;

namespace Lookup.Emulator.Tests.Wire;

/// <summary>Tests that invalid requests, which no SDK sends, get well-formed error responses.</summary>
public sealed class ProtocolErrorTests
{
    private const string PartitionKey = "x-ms-documentdb-partitionkey";

    [Theory]
    [InlineData("GET", "nothing", 404)]
    [InlineData("GET", "dbs/nothing", 404)]
    [InlineData("GET", "dbs/lookup/colls/nothing", 404)]
    [InlineData("GET", "dbs/lookup/colls/nothing/docs/u1", 404)]
    [InlineData("GET", "dbs/lookup/sprocs/x", 404)]
    [InlineData("GET", "{container}/docs/u1/attachments/x", 404)]
    [InlineData("GET", "{container}/docs/u1", 400)]
    [InlineData("DELETE", "", 405)]
    [InlineData("PATCH", "dbs", 405)]
    [InlineData("PUT", "dbs/lookup", 405)]
    [InlineData("PATCH", "{container}", 405)]
    [InlineData("POST", "{container}/docs/u1", 405)]
    [InlineData("DELETE", "{container}/docs", 405)]
    [InlineData("POST", "{container}/pkranges", 405)]
    [InlineData("BREW", "{container}/docs/u1", 405)]
    public async Task Request_for_a_nonexistent_resource_returns_a_well_formed_error(string method, string path, int expected)
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, body, response) = await own.Raw.SendAsync(method, path.Replace("{container}", own.Path));

        Assert.Equal(expected, (int)status);
        AssertShape(status, body, response);
    }

    [Theory]
    [InlineData(PartitionKey, "u1")]
    [InlineData(PartitionKey, "[\"u1\"")]
    [InlineData(PartitionKey, "[\"u1\",\"u2\"]")]
    [InlineData(PartitionKey, "[[1]]")]
    [InlineData("x-ms-session-token", "0:-1#many")]
    public async Task Read_with_an_invalid_header_returns_400(string header, string value)
    {
        await using var own = await OwnEmulator.StartAsync();
        own.Raw.Change = request =>
        {
            request.Headers.Remove(header);
            request.Headers.TryAddWithoutValidation(header, value);
        };

        var (status, body, response) = await own.Raw.SendAsync("GET", $"{own.Path}/docs/u1", headers: (PartitionKey, "[\"u1\"]"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertShape(status, body, response);
    }

    [Theory]
    [InlineData("A-IM", "Everything")]
    [InlineData("If-None-Match", "\"x\"")]
    [InlineData("If-Modified-Since", "yesterday")]
    [InlineData("x-ms-max-item-count", "many")]
    [InlineData("x-ms-start-epk", "not hexadecimal")]
    public async Task Feed_poll_with_an_invalid_header_returns_400(string header, string value)
    {
        await using var own = await OwnEmulator.StartAsync();
        (string, string)[] headers = header == "A-IM" ? [(header, value)] : [("A-IM", "Incremental feed"), (header, value)];

        var (status, body, response) = await own.Raw.SendAsync("GET", $"{own.Path}/docs", headers: headers);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertShape(status, body, response);
    }

    [Fact]
    public async Task Feed_poll_of_a_range_that_never_existed_returns_410_1002()
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, _, response) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("x-ms-documentdb-partitionkeyrangeid", "77")]);

        Assert.Equal(HttpStatusCode.Gone, status);
        Assert.Equal("1002", Assert.Single(response.Headers.GetValues("x-ms-substatus")));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"id\":\"u1\",\"id\":\"u2\"}")]
    public async Task Create_from_invalid_JSON_returns_400(string json)
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, body, response) = await own.Raw.SendAsync("POST", $"{own.Path}/docs", json);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertShape(status, body, response);
    }

    [Theory]
    [InlineData("{\"id\":\"c\"}")]
    [InlineData("{\"id\":\"c\",\"partitionKey\":{\"paths\":[\"id\"]}}")]
    [InlineData("{\"id\":\"c\",\"partitionKey\":{\"paths\":[\"/a\",\"/b\"]}}")]
    [InlineData("{\"id\":\"c\",\"partitionKey\":{\"paths\":[\"/id\"]},\"defaultTtl\":0}")]
    public async Task Invalid_container_definition_returns_400(string json)
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, body, response) = await own.Raw.SendAsync("POST", "dbs/lookup/colls", json);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        AssertShape(status, body, response);
    }

    private static void AssertShape(HttpStatusCode status, string body, HttpResponseMessage response)
    {
        var error = JsonDocument.Parse(body).RootElement;
        Assert.Equal(status.ToString(), error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.DoesNotContain("   at ", body);
        Assert.True(response.Headers.Contains("x-ms-activity-id"));
    }
}
