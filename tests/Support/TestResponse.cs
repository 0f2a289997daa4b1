using System.Net;
using System.Text;
using System.Text.Json;

namespace Lookup.Support;

/// <summary>A complete HTTP response.</summary>
public sealed record TestResponse(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? CacheStatus => this["Cache-Status"];

    public string? ContentType => this["Content-Type"];

    public string? this[string header] => Headers.GetValueOrDefault(header);

    public static async Task<TestResponse> ReadAsync(HttpResponseMessage response)
    {
        // The headers in the order in which they were sent; HttpClient's validated view reorders some.
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new TestResponse(response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(Cancel.Token));
    }

    /// <summary>Asserts that the response is a valid problem response of the specified type.</summary>
    public void ShouldBeProblem(int status, string type)
    {
        Assert.Equal(status, (int)Status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal("urn:lookup:problem:" + type, Json.GetProperty("type").GetString());
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("traceId").GetString()!);
    }
}
