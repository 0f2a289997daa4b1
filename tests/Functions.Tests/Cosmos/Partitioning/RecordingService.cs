using System.Globalization;
using System.Net;
using System.Text;

namespace Lookup.Functions.Tests.Cosmos.Partitioning;

/// <summary>
/// A Cosmos DB service without data, whose container is divided at the given hashes. It shows to which range the SDK assigns a partition key.
/// </summary>
/// <remarks>
/// The SDK does not expose its hash. But it sends with each read the session token of the range that it computed, which begins with the id of
/// that range. All ranges here are children of one parent, whose token the first read returns.
/// </remarks>
internal sealed class RecordingService(IReadOnlyList<UInt128> bounds) : HttpMessageHandler
{
    private const string Parent = "9999999";
    private const string Owner = "ZNaQAYAAAAE=";

    private const string Account = """
        {
          "id": "a", "_rid": "a", "enableMultipleWriteLocations": false, "userConsistencyPolicy": { "defaultConsistencyLevel": "Session" },
          "writableLocations": [{ "name": "here", "databaseAccountEndpoint": "http://127.0.0.1:1/" }],
          "readableLocations": [{ "name": "here", "databaseAccountEndpoint": "http://127.0.0.1:1/" }],
          "userReplicationPolicy": {}, "systemReplicationPolicy": {}, "readPolicy": {}, "queryEngineConfiguration": "{}"
        }
        """;

    private const string Definition =
        $$"""{ "id":"users", "_rid":"{{Owner}}", "_self":"dbs/ZNaQAQ==/colls/{{Owner}}/", "partitionKey": { "paths":["/pk"], "kind":"Hash", "version":2 } }""";

    /// <summary>Gets the index of the range to which the SDK assigned the key of the last read, counted from the lowest hash.</summary>
    public int? LastRange { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var response = new HttpResponseMessage(HttpStatusCode.OK);
        var text = path switch
        {
            "/" => Account,
            _ when path.EndsWith("/pkranges", StringComparison.Ordinal) => Ranges(request, response),
            _ when path.Contains("/docs/", StringComparison.Ordinal) => Read(request, response),
            _ => Definition,
        };
        response.Content = new StringContent(text, Encoding.UTF8, "application/json");
        return Task.FromResult(response);
    }

    private string Ranges(HttpRequestMessage request, HttpResponseMessage response)
    {
        response.Headers.TryAddWithoutValidation("ETag", "\"all\"");
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            response.StatusCode = HttpStatusCode.NotModified;
            return "";
        }

        string[] hex = ["", .. bounds.Select(bound => bound.ToString("X32", CultureInfo.InvariantCulture)), "FF"];
        var ranges = Enumerable.Range(0, hex.Length - 1).Select(i =>
            $$"""{"_rid":"ZNaQAYAAAAECAAAAAAAAUA==","id":"{{i}}","minInclusive":"{{hex[i]}}","maxExclusive":"{{hex[i + 1]}}","parents":["{{Parent}}"],"status":"online"}""");
        return $$"""{"_rid":"{{Owner}}","PartitionKeyRanges":[{{string.Join(',', ranges)}}], "_count": {{hex.Length - 1}} }""";
    }

    private string Read(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (request.Headers.TryGetValues("x-ms-session-token", out var tokens))
            LastRange = int.Parse(tokens.Single().Split(':')[0], CultureInfo.InvariantCulture);
        else
            response.Headers.TryAddWithoutValidation("x-ms-session-token", $"{Parent}:-1#1");
        return """{"id":"x","_rid":"ZNaQAYAAAAEBAAAAAAAAAA=="}""";
    }
}
